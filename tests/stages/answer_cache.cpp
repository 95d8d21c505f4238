#include "actors/stages/answer_cache.hpp"

#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::stages;
using namespace std::chrono_literals;
using test::stage_harness;
using test::text_at;

namespace {

struct with_cached {
  answer_cache answers{std::make_shared<test::fake_library>()};
  time_point now{1000h};

  std::string found(const std::string& question, const std::string& scope = "",
                    answer_cache::wish wanted = {0.95, 1h}) {
    return answers.find(question, scope, wanted, now).value_or("none");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(answer_caches, with_cached)

BOOST_AUTO_TEST_CASE(a_question_is_known_again_in_other_words_that_do_not_matter) {
  answers.store("How do I cancel my order?", "", "Like this.", now);
  answers.store("请问怎么申请退款？", "", "这样。", now);
  BOOST_TEST(found("How do I cancel my order?") == "Like this.");
  BOOST_TEST(found("how can I cancel an order") == "Like this.");
  BOOST_TEST(found("怎么申请退款") == "这样。");
  BOOST_TEST(found("我想知道如何申请退款呢？") == "这样。");
}

BOOST_AUTO_TEST_CASE(other_facts_are_another_question) {
  answers.store("Where is order ORD-20931?", "", "In Hangzhou.", now);
  answers.store("Can I return shoes within 30 days if I have worn them?", "", "Yes.", now);
  answers.store("订单ORD-20931在哪里？", "", "杭州。", now);
  answers.store("怎么取消订单", "", "这样取消。", now);
  for (auto other :
       {"Where is order ORD-20932?", "Where is order ORD-2093?", "Where is my order?",
        "When is order ORD-20931?", "Can I return shoes within 60 days if I have worn them?",
        "Can I return shoes within 30 days if I have not worn them?",
        "Can I return shoes within 30 days if I haven't worn them?",
        "Can I return shirts within 30 days if I have worn them?", "订单ORD-20932在哪里？",
        "订单ORD-20931不在哪里？", "怎么不取消订单", "怎么找订单"})
    BOOST_TEST(found(other) == "none", other);
  BOOST_TEST(found("where is order ord-20931, please") == "In Hangzhou.");
}

BOOST_AUTO_TEST_CASE(the_order_of_numbers_and_of_chinese_words_matters) {
  answers.store("trains from 3 to 5", "", "a", now);
  answers.store("上海到北京多久", "", "b", now);
  BOOST_TEST(found("trains from 5 to 3") == "none");
  BOOST_TEST(found("北京到上海多久") == "none");
}

BOOST_AUTO_TEST_CASE(a_question_in_other_words_is_found_if_it_is_alike_enough) {
  answers.store("what are the opening hours of your store in Hangzhou", "", "9 to 5", now);
  const auto other = "what are the opening hours of your stores at Hangzhou";
  BOOST_TEST(found(other, "", {0.8, 1h}) == "9 to 5");
  BOOST_TEST(found(other, "", {0.999, 1h}) == "none");
  BOOST_TEST(found("what are not the opening hours of your stores at Hangzhou", "", {0.5, 1h}) ==
             "none");
}

BOOST_AUTO_TEST_CASE(scopes_are_apart_and_replies_grow_old) {
  answers.store("opening hours?", "en", "9 to 5", now);
  BOOST_TEST(found("opening hours", "en") == "9 to 5");
  BOOST_TEST(found("opening hours", "fr") == "none");
  BOOST_TEST(found("opening hours") == "none");
  now += 1h;
  BOOST_TEST(found("opening hours", "en") == "none");
  answers.store("opening hours?", "en", "10 to 6", now);
  BOOST_TEST(found("opening hours", "en") == "10 to 6");
  BOOST_TEST(answers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(many_entries_are_found_through_the_index_and_the_oldest_go) {
  answers.set_limit(200);
  auto question = [](int i) { return "what does article number " + std::to_string(i) + " cost"; };
  for (int i = 0; i < 500; ++i) answers.store(question(i), "", std::to_string(i), now);
  BOOST_TEST(answers.size() <= 200u);
  BOOST_TEST(answers.size() >= 180u);
  BOOST_TEST(found(question(0)) == "none");
  BOOST_TEST(found(question(499)) == "499");
  for (int i = 320; i < 500; ++i) BOOST_TEST(found(question(i)) == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(one_stage_looks_up_what_another_stored) {
  test::temporary_folder folder;
  stage_services services;
  services.base = folder.path();
  stage_harness cache("cache", {}, services), store("cache_store", {}, services);
  stage_harness other("cache", {{"name", "others"}}, services);
  BOOST_REQUIRE(cache.open());
  auto miss = cache.run({{"question", "怎么退款？"}});
  BOOST_TEST(text_at(*miss, "hit") == "false");
  BOOST_TEST(text_at(*miss, "reply") == "");
  BOOST_REQUIRE(store.run({{"question", "怎么退款？"}, {"reply", "在订单页面申请。"}}));
  auto hit = cache.run({{"question", "请问怎么退款"}});
  BOOST_TEST(text_at(*hit, "hit") == "true");
  BOOST_TEST(text_at(*hit, "reply") == "在订单页面申请。");
  BOOST_TEST(text_at(*other.run({{"question", "怎么退款？"}}), "hit") == "false");
}

BOOST_AUTO_TEST_CASE(with_an_encoder_a_question_is_known_again_by_its_meaning) {
  auto library = std::make_shared<test::fake_library>();
  library->put_encoder("meanings", [](std::string_view text) {
    return text == "get rid of my purchase" ? std::string("cancel my order") : std::string(text);
  });
  answer_cache cache(library);
  cache.store("cancel my order", "", "Like this.", now);
  const auto asked = [&] { return cache.find("get rid of my purchase", "", {0.9, 1h}, now); };
  BOOST_TEST(asked().value_or("none") == "none");
  BOOST_REQUIRE(cache.use_encoder("models/meanings"));
  BOOST_TEST(asked().value_or("none") == "Like this.");
  BOOST_TEST(cache.find("get rid of my purchase 2", "", {0.5, 1h}, now).value_or("none") == "none");
  BOOST_TEST(!cache.use_encoder("models/gone"));
  BOOST_TEST(asked().value_or("none") == "Like this.");
}

BOOST_AUTO_TEST_CASE(a_cache_whose_encoder_is_missing_does_not_open) {
  test::temporary_folder folder;
  stage_services services;
  services.base = folder.path();
  BOOST_TEST(!stage_harness("cache", {{"encoder", "models/gone"}}, services).open());
  services.models = std::make_shared<test::fake_library>();
  stage_harness other("cache", {{"name", "with a library"}, {"encoder", "models/gone"}}, services);
  const auto opened = other.open();
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().message.find("models/gone") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
