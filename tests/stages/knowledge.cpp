#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

constexpr const char* english = R"([[article]]
id = "cancel-order"
intents = ["cancel_order"]
main = true
title = "How do I cancel my order?"
also = ["call off my purchase"]
text = "Open My Account and press Cancel."

[[article]]
id = "cancel-gift"
intents = ["cancel_order"]
title = "Can gift cards be cancelled?"
text = "Gift cards are final."

[[article]]
id = "courier"
intents = ["track_order"]
main = true
title = "Which courier do you use?"
text = "SF Express brings everything."
)";
constexpr const char* chinese = R"([[article]]
id = "cancel-order"
intents = ["cancel_order"]
main = true
title = "怎么取消订单？"
also = ["我不想要这个订单了"]
text = "打开我的账户，点取消。"
)";

struct with_knowing {
  test::temporary_folder folder;
  std::shared_ptr<test::fake_library> library = std::make_shared<test::fake_library>();
  stage_services services;

  with_knowing() {
    write("en.toml", english);
    write("zh.toml", chinese);
    services.base = folder.path();
    services.models = library;
  }
  void write(const char* name, std::string_view text) const {
    std::ofstream(folder.path() / name, std::ios::binary) << text;
  }
  stage_harness both(value::table more = {}) const {
    more.emplace_back("files", value::list{"en.toml", "zh.toml"});
    return stage_harness("knowledge", std::move(more), services);
  }
};

std::string best_id(const value& out) {
  const auto& passages = out.find("passages")->as_list();
  return passages.empty() ? "<none>" : text_at(passages[0], "id");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(knowledge_stage, with_knowing)

BOOST_AUTO_TEST_CASE(a_question_finds_its_passage_in_its_own_language) {
  auto s = both();
  auto en = s.run({{"question", "how do I cancel my order"}});
  BOOST_TEST(text_at(*en, "passage") == "Open My Account and press Cancel.");
  auto zh = s.run({{"question", "取消订单"}});
  BOOST_TEST(text_at(*zh, "passage") == "打开我的账户，点取消。");
  BOOST_TEST(en->find("score")->as_number() > 0.8);
  BOOST_TEST(en->find("score")->as_number() <= 1.0);
}

BOOST_AUTO_TEST_CASE(other_wordings_lead_to_the_same_article) {
  auto out = both().run({{"question", "please call off my purchase"}});
  BOOST_TEST(best_id(*out) == "cancel-order");
}

BOOST_AUTO_TEST_CASE(an_article_is_given_once_and_the_best_first) {
  auto out = both({{"min_score", 0.0}, {"top", 10}}).run({{"question", "cancel my order"}});
  const auto& passages = out->find("passages")->as_list();
  BOOST_TEST(passages.size() == 3u);
  for (std::size_t i = 1; i < passages.size(); ++i)
    BOOST_TEST(passages[i - 1].find("score")->as_number() >=
               passages[i].find("score")->as_number());
  BOOST_TEST(text_at(passages[0], "title") == "How do I cancel my order?");
}

BOOST_AUTO_TEST_CASE(top_limits_the_passages) {
  auto out = both({{"min_score", 0.0}, {"top", 1}}).run({{"question", "order"}});
  BOOST_TEST(out->find("passages")->as_list().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_gives_nothing) {
  auto s = both({{"min_score", 0.3}});
  for (auto question : {"zzz xyzzy", "", "😀", "今天天气"}) {
    auto out = s.run({{"question", question}});
    BOOST_REQUIRE(out);
    BOOST_TEST(out->find("passages")->as_list().empty());
    BOOST_TEST(text_at(*out, "passage") == "");
    BOOST_TEST(out->find("score")->as_number() == 0);
  }
}

BOOST_AUTO_TEST_CASE(the_topics_main_article_is_the_fallback) {
  auto s = both({{"min_score", 0.3}});
  auto out = s.run({{"question", "zzz xyzzy"}, {"topic", "track_order"}});
  BOOST_TEST(best_id(*out) == "courier");
  BOOST_TEST(out->find("score")->as_number() == 0.3);
  auto zh = s.run({{"question", "不要啦"}, {"topic", "cancel_order"}});
  BOOST_TEST(text_at(*zh, "passage") == "打开我的账户，点取消。");
  BOOST_TEST(best_id(*s.run({{"question", "zzz"}, {"topic", "unheard_of"}})) == "<none>");
}

BOOST_AUTO_TEST_CASE(the_topic_tips_the_balance) {
  auto s = both({{"boost", 0.5}});
  auto plain = s.run({{"question", "which courier brings gift cards"}});
  BOOST_TEST(best_id(*plain) == "courier");
  auto tipped = s.run({{"question", "which courier brings gift cards"}, {"topic", "cancel_order"}});
  BOOST_TEST(best_id(*tipped) == "cancel-gift");
}

BOOST_AUTO_TEST_CASE(one_language_serves_both_if_there_is_no_other) {
  stage_harness s("knowledge", {{"file", "zh.toml"}}, services);
  BOOST_TEST(best_id(*s.run({{"question", "bonjour"}, {"topic", "cancel_order"}})) ==
             "cancel-order");
}

BOOST_AUTO_TEST_CASE(replicas_share_the_index_until_a_file_changes) {
  auto first = both(), second = both();
  BOOST_REQUIRE(first.open());
  BOOST_REQUIRE(second.open());
  BOOST_TEST(library->indexes_made == 2);
  write("en.toml", std::string(english) + "\n# changed\n");
  std::filesystem::last_write_time(
      folder.path() / "en.toml",
      std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  auto third = both();
  BOOST_REQUIRE(third.open());
  BOOST_TEST(library->indexes_made == 4);
}

BOOST_AUTO_TEST_CASE(with_an_encoder_articles_are_found_by_meaning_as_well) {
  library->put_encoder("meanings", [](std::string_view text) {
    return text == "get rid of it" ? std::string("call off my purchase") : std::string(text);
  });
  auto plain = both(), knowing = both({{"encoder", "models/meanings"}});
  BOOST_TEST(best_id(*plain.run({{"question", "get rid of it"}})) == "<none>");
  BOOST_TEST(best_id(*knowing.run({{"question", "get rid of it"}})) == "cancel-order");
  BOOST_TEST(library->indexes_made == 4);
  auto gone = both({{"encoder", "models/gone"}}).open();
  BOOST_REQUIRE(!gone);
  BOOST_TEST(gone.error().message.find("models/gone") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(mistakes_in_the_files_are_placed) {
  auto message = [&](const char* text) {
    write("bad.toml", text);
    auto opened = stage_harness("knowledge", {{"file", "bad.toml"}}, services).open();
    return opened ? "none" : opened.error().message;
  };
  BOOST_TEST(
      message("[[article]]\nid = 'a'\ntitle = 't'").find("bad.toml:1:1: `text` is missing") !=
      std::string::npos);
  BOOST_TEST(message("[[article]]\nid = 3").find("bad.toml:2:6") != std::string::npos);
  BOOST_TEST(message("[[article]]\nidd = 'a'").find("unknown key `idd`") != std::string::npos);
  BOOST_TEST(message("[[artikel]]\nid = 'a'").find("`artikel`") != std::string::npos);
  BOOST_TEST(message("").find("no [[article]]") != std::string::npos);
  BOOST_TEST(message("[[article]]\nid='a'\ntitle='t'\ntext='x'\n[[article]]\nid='a'\ntitle='t'\n"
                     "text='x'")
                 .find("`a` is there twice") != std::string::npos);
  BOOST_TEST(!stage_harness("knowledge", {}, services).open());
  BOOST_TEST(!stage_harness("knowledge", {{"file", "gone.toml"}}, services).open());
}

BOOST_AUTO_TEST_CASE(the_shops_files_load) {
  services.base = TROUPE_SOURCE_DIR "/examples/customer_service/data";
  stage_harness s("knowledge", {{"files", value::list{"knowledge_en.toml", "knowledge_zh.toml"}}},
                  services);
  auto en = s.run({{"question", "How do I cancel my order?"}});
  BOOST_REQUIRE_MESSAGE(en, (en ? "" : en.error().message));
  BOOST_TEST(best_id(*en) == "cancel-order");
  BOOST_TEST(text_at(*s.run({{"question", "怎么取消订单？"}}), "passage").find("取消订单") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
