// set, template and feedback; and what holds for all stages.

#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
using test::stage_harness;
using test::text_at;

BOOST_AUTO_TEST_SUITE(plain_stages)

BOOST_AUTO_TEST_CASE(set_writes_its_values_with_their_types) {
  stage_harness s("set",
                  {{"values", value::table{{"reply", "再见"}, {"handoff", true}, {"n", 2}}}});
  auto out = s.run({});
  BOOST_REQUIRE(out);
  BOOST_TEST((*out == value(value::table{{"reply", "再见"}, {"handoff", true}, {"n", 2}})));
  BOOST_TEST((s.ports.out[1].type == slot_type::boolean));
}

BOOST_AUTO_TEST_CASE(set_needs_values) {
  BOOST_TEST(!stage_harness("set", {}).open());
  BOOST_TEST(!stage_harness("set", {{"values", value::table{}}}).open());
}

BOOST_AUTO_TEST_CASE(template_reads_the_slots_it_names) {
  stage_harness s("template", {{"template", "{order.id}: {note?}!"}});
  auto out = s.run({{"order", value::table{{"id", "ORD-1"}}}});
  BOOST_REQUIRE(out);
  BOOST_TEST(text_at(*out, "text") == "ORD-1: !");
  BOOST_REQUIRE(s.ports.in.size() == 2);
  BOOST_TEST(s.ports.in[0].name == "order");
  BOOST_TEST(s.ports.in[1].optional);
}

BOOST_AUTO_TEST_CASE(template_names_what_is_missing) {
  auto out = stage_harness("template", {{"template", "{order.eta}"}})
                 .run({{"order", value::table{{"id", "ORD-1"}}}});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message.find("`order.eta`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_variant_is_chosen_by_slots) {
  stage_harness s(
      "template",
      {{"template", "?"},
       {"by", value::list{"language", "order.status"}},
       {"variants", value::table{{"en.shipped", "on its way"}, {"zh.shipped", "在路上"}}}});
  auto said = [&](const char* language, const char* status) {
    auto out = s.run({{"language", language}, {"order", value::table{{"status", status}}}});
    return out ? text_at(*out, "text") : out.error().message;
  };
  BOOST_TEST(said("en", "shipped") == "on its way");
  BOOST_TEST(said("zh", "shipped") == "在路上");
  BOOST_TEST(said("zh", "lost") == "?");
}

BOOST_AUTO_TEST_CASE(a_broken_template_does_not_open) {
  auto opened = stage_harness("template", {{"template", "Hello {name"}}).open();
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code == errc::invalid_request));
}

BOOST_AUTO_TEST_CASE(feedback_sums_up_the_run) {
  stage_harness s("feedback", {});
  auto out =
      s.run({{"reply", "好的"},
             {"label", "get_refund"},
             {"passages", value::list{value::table{{"id", "a"}}, value::table{{"id", "b"}}}}});
  BOOST_REQUIRE(out);
  const value* outcome = out->find("outcome");
  BOOST_TEST(text_at(*outcome, "answered") == "true");
  BOOST_TEST(text_at(*outcome, "label") == "get_refund");
  BOOST_TEST(text_at(*outcome, "sources") == R"(["a","b"])");
  for (const value::table& in : {value::table{}, value::table{{"reply", " "}}})
    BOOST_TEST(text_at(*s.run(in)->find("outcome"), "answered") == "false");
}

BOOST_AUTO_TEST_CASE(every_builtin_says_what_it_is) {
  registry known;
  add_builtin_stages(known);
  for (auto name :
       {"set", "template", "intent", "context", "knowledge", "generate", "sentiment",
        "satisfaction", "feedback", "http", "cache", "cache_store", "moderate", "review"}) {
    const auto* type = known.find(name);
    BOOST_REQUIRE_MESSAGE(type, name);
    BOOST_TEST(!type->summary.empty());
    for (const auto& p : type->params) BOOST_TEST(!p.doc.empty());
    for (const auto& p : type->ports.in) BOOST_TEST(!p.doc.empty());
    for (const auto& p : type->ports.out) BOOST_TEST(!p.doc.empty());
  }
}

BOOST_AUTO_TEST_CASE(no_stage_chokes_on_nasty_texts) {
  stage_services services;
  auto library = std::make_shared<test::fake_library>();
  // A real classifier wants valid UTF-8; this one insists.
  auto strict = [](std::string label) {
    return [label](std::string_view text) -> result<classification> {
      std::string json;
      append_json_string(json, text);
      if (json.find("\\ufffd") != std::string::npos && text.find("\xEF\xBF\xBD") == text.npos)
        return error{errc::failed, "not UTF-8"};
      return classification{label, 0.9, {{label, 0.9}}};
    };
  };
  library->put("intent", strict("track_order"));
  library->put("mood", strict("negative"));
  services.models = library;
  services.engines["writer"] = std::make_shared<test::fake_engine>();
  services.http = std::make_shared<test::fake_http_client>(
      std::deque<result<http_response>>{http_response{200, {}, "{}"}});
  services.base = TROUPE_SOURCE_DIR "/examples/customer_service";

  const std::vector<std::pair<std::string, value::table>> cases = {
      {"template", {{"template", "{text}"}}},
      {"intent", {{"model", "intent"}}},
      {"sentiment", {{"model", "mood"}}},
      {"context", {{"rules", "data/context.toml"}}},
      {"knowledge", {{"files", value::list{"data/knowledge_en.toml", "data/knowledge_zh.toml"}}}},
      {"generate", {{"prompt", "{text}"}}},
      {"satisfaction", {{"criteria", value::list{"length", "no_duplicates", "covers_topic"}}}},
      {"feedback", {}},
      {"http", {{"url", "http://x.test/{text}"}, {"json", value::table{{"t", "{text}"}}}}},
  };
  auto history = std::make_shared<std::vector<turn>>();
  for (const auto& text : test::nasty_texts()) history->push_back({text, text});
  for (const auto& [use, with] : cases) {
    stage_harness s(use, with, services);
    s.info.history = history;
    for (const auto& text : test::nasty_texts()) {
      auto out = s.run({{"text", text},
                        {"question", text},
                        {"topic", text},
                        {"draft", text},
                        {"brief", text},
                        {"reply", text},
                        {"label", text},
                        {"entities", value::table{{text, text}, {"all", text}}}});
      BOOST_TEST(out.has_value(),
                 use << " on " << text.substr(0, 20) << ": " << (out ? "" : out.error().message));
    }
  }
}

BOOST_AUTO_TEST_CASE(review_asks_for_a_decision_and_says_what_is_so_without_one) {
  stage_harness s("review", {{"expires", "2h"}});
  auto out = s.run({{"draft", value::list{"一", "two"}}, {"score", 0.5}});
  BOOST_REQUIRE(out);
  BOOST_REQUIRE(s.waits);
  BOOST_TEST((*s.waits == std::chrono::hours(2)));
  BOOST_TEST(text_at(*out, "verdict") == "expired");
  BOOST_TEST(text_at(*out, "text") == R"(["一","two"])");
  BOOST_TEST(!stage_harness("review", {{"expires", "soon"}}).open());
}

BOOST_AUTO_TEST_SUITE_END()
