#include "model/resilient_engine.hpp"
#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
using test::stage_harness;
using test::text_at;
using role = chat_message::role_type;

namespace {

struct with_generating {
  std::shared_ptr<test::fake_engine> engine = std::make_shared<test::fake_engine>();
  stage_services services;
  with_generating() { services.engines["writer"] = engine; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(generate_stage, with_generating)

BOOST_AUTO_TEST_CASE(the_prompt_reaches_the_engine_filled_in) {
  stage_harness s("generate",
                  {{"system", "You are {role}."},
                   {"prompt", "问题：{question}"},
                   {"max_tokens", 50},
                   {"temperature", 0.7},
                   {"top_p", 0.9},
                   {"top_k", 40},
                   {"min_p", 0.05},
                   {"repetition_penalty", 1.1},
                   {"banned", value::list{"<think>"}},
                   {"logprob", true},
                   {"stop", value::list{"\n\n", "用户："}}},
                  services);
  s.info.seed = 77;
  auto out = s.run({{"role", "a clerk"}, {"question", "退款要多久？"}});
  BOOST_REQUIRE(out);
  BOOST_TEST(text_at(*out, "text") == "问题：退款要多久？");
  auto asked = engine->requests().at(0);
  BOOST_REQUIRE(asked.messages.size() == 2);
  BOOST_TEST((asked.messages[0].role == role::system));
  BOOST_TEST(asked.messages[0].text == "You are a clerk.");
  BOOST_TEST((asked.messages[1].role == role::user));
  BOOST_TEST(asked.max_tokens == 50);
  BOOST_TEST(asked.temperature == 0.7);
  BOOST_TEST(asked.top_p == 0.9);
  BOOST_TEST(asked.top_k == 40);
  BOOST_TEST(asked.min_p == 0.05);
  BOOST_TEST(asked.repetition_penalty == 1.1);
  BOOST_TEST((asked.banned == std::vector<std::string>{"<think>"}));
  BOOST_TEST(asked.log_probabilities);
  BOOST_TEST((out->find("logprob")->type() == slot_type::floating));
  BOOST_TEST(asked.seed == 77u);
  BOOST_TEST(asked.stop.size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_answer_with_a_schema_is_a_slot_of_a_known_type) {
  engine = std::make_shared<test::fake_engine>(
      std::deque<std::string>{R"({"order": "123456", "wish": "refund"})", "Sorry?", R"(["a"])"});
  services.engines["writer"] = engine;
  const value::table schema = {
      {"type", "object"},
      {"required", value::list{"order"}},
      {"properties", value::table{{"order", value::table{{"pattern", "^[0-9]{6}$"}}}}}};
  stage_harness s("generate", {{"prompt", "x"}, {"json_schema", schema}}, services);
  const auto out = s.run({});
  BOOST_REQUIRE(out.has_value());
  BOOST_TEST((s.ports.out.back().name == "json" && s.ports.out.back().type == slot_type::table));
  BOOST_TEST(text_at(*out->find("json"), "order") == "123456");
  BOOST_TEST(engine->requests().at(0).json_schema.find("\"pattern\"") != std::string::npos);
  const auto wrong = s.run({});
  BOOST_REQUIRE(!wrong.has_value());
  BOOST_TEST((wrong.error().code == errc::failed));
  BOOST_TEST(wrong.error().message.find("Sorry?") != std::string::npos);
  stage_harness list("generate",
                     {{"prompt", "x"}, {"json_schema", value::table{{"type", "array"}}}}, services);
  const auto items = list.run({});
  BOOST_REQUIRE(items.has_value());
  BOOST_TEST((list.ports.out.back().type == slot_type::list));
  BOOST_TEST(items->find("json")->as_list().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_schema_comes_from_a_file_too_and_what_cannot_be_kept_is_said_at_the_start) {
  const test::temporary_folder folder;
  services.base = folder.path();
  std::ofstream(folder.path() / "good.json") << R"({"type": "object", "title": "t"})";
  std::ofstream(folder.path() / "list.json") << R"({"type": "array"})";
  std::ofstream(folder.path() / "odd.json") << R"({"not": {"type": "null"}})";
  auto refusal = [&](value::table with) {
    with.emplace_back("prompt", "x");
    const auto opened = stage_harness("generate", std::move(with), services).open();
    return opened ? std::string("none") : opened.error().message;
  };
  BOOST_TEST(refusal({{"json_schema_file", "good.json"}}) == "none");
  BOOST_TEST(refusal({{"json_schema_file", "list.json"}}).find("`list.json`") != std::string::npos);
  BOOST_TEST(refusal({{"json_schema_file", "odd.json"}}).find("`not`") != std::string::npos);
  BOOST_TEST(refusal({{"json_schema_file", "none.json"}}).find("none.json") != std::string::npos);
  const value::table any = {{"type", "object"}};
  BOOST_TEST(refusal({{"json_schema", value::table{{"multipleOf", 3}}}}).find("`multipleOf`") !=
             std::string::npos);
  BOOST_TEST(refusal({{"json_schema", any}, {"stop", value::list{"x"}}}).find("`stop`") !=
             std::string::npos);
  BOOST_TEST(refusal({{"json_schema", any}, {"json_schema_file", "good.json"}}).find("both") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_seed_of_the_graph_goes_before_the_runs_own) {
  stage_harness s("generate", {{"prompt", "x"}, {"seed", 5}}, services);
  s.info.seed = 77;
  BOOST_REQUIRE(s.run({}));
  BOOST_TEST(engine->requests().at(0).seed == 5u);
}

BOOST_AUTO_TEST_CASE(text_is_streamed_only_when_asked) {
  stage_harness quiet("generate", {{"prompt", "你好 there"}}, services);
  BOOST_REQUIRE(quiet.run({}));
  BOOST_TEST(quiet.emitted == "");
  stage_harness loud("generate", {{"prompt", "你好 there"}, {"stream", true}}, services);
  auto out = loud.run({});
  BOOST_TEST(loud.emitted == "你好 there");
  BOOST_TEST(text_at(*out, "text") == loud.emitted);
}

BOOST_AUTO_TEST_CASE(the_last_turns_of_the_history_go_first) {
  stage_harness s("generate", {{"prompt", "now"}, {"history", 2}}, services);
  s.info.history = std::make_shared<std::vector<turn>>(
      std::vector<turn>{{"u1", "r1"}, {"u2", "r2"}, {"u3", "r3"}});
  BOOST_REQUIRE(s.run({}));
  auto messages = engine->requests().at(0).messages;
  BOOST_REQUIRE(messages.size() == 5u);
  BOOST_TEST(messages[0].text == "u2");
  BOOST_TEST((messages[1].role == role::assistant));
  BOOST_TEST(messages[3].text == "r3");
  BOOST_TEST(messages[4].text == "now");
}

BOOST_AUTO_TEST_CASE(history_is_left_out_by_default) {
  stage_harness s("generate", {{"prompt", "now"}}, services);
  s.info.history = std::make_shared<std::vector<turn>>(std::vector<turn>{{"u1", "r1"}});
  BOOST_REQUIRE(s.run({}));
  BOOST_TEST(engine->requests().at(0).messages.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_budget_limits_the_answer) {
  stage_harness s("generate", {{"prompt", "0123456789"}, {"max_tokens", 8}}, services);
  s.info.tokens_left = 4;
  auto out = s.run({});
  BOOST_TEST(text_at(*out, "text") == "0123");
  BOOST_TEST(s.used.model_calls == 1);
  BOOST_TEST(s.used.tokens == 14);
  s.info.tokens_left = 0;
  auto none = s.run({});
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code == errc::budget));
  BOOST_TEST(engine->requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(deadline_and_cancellation_reach_the_engine) {
  stage_harness s("generate", {{"prompt", "x"}}, services);
  s.info.deadline = time_point(std::chrono::hours(1'000'000));
  s.stop.request_stop();
  auto out = s.run({});
  BOOST_REQUIRE(!out);
  BOOST_TEST((out.error().code == errc::cancelled));
  BOOST_TEST((engine->requests().at(0).deadline == s.info.deadline));
}

BOOST_AUTO_TEST_CASE(an_outline_is_also_given_line_by_line) {
  auto out = stage_harness("generate", {{"prompt", "1. Tea\n2. 茶叶\n\n- End"}}, services).run({});
  BOOST_REQUIRE(out);
  BOOST_TEST(text_at(*out, "lines") == R"(["Tea","茶叶","End"])");
}

BOOST_AUTO_TEST_CASE(listed_words_are_hidden_in_the_stream_too) {
  test::temporary_folder folder;
  std::ofstream(folder.path() / "words.txt") << "badword\n坏蛋\n";
  services.base = folder.path();
  value::table with = {{"prompt", "a B-a-d-w-o-r-d, 坏\u200b蛋, bad"},
                       {"stream", true},
                       {"moderate", value::list{"words.txt"}}};
  stage_harness s("generate", with, services);
  auto out = s.run({});
  BOOST_REQUIRE(out);
  BOOST_TEST(text_at(*out, "text") == "a *************, **, bad");
  BOOST_TEST(s.emitted == text_at(*out, "text"));
  with.back().second = value::list{"nowhere.txt"};
  BOOST_TEST(!stage_harness("generate", with, services).open());
}

BOOST_AUTO_TEST_CASE(an_engines_error_is_the_stages_error) {
  engine->fail({errc::unavailable, "the API is down"});
  auto out = stage_harness("generate", {{"prompt", "x"}}, services).run({});
  BOOST_TEST((out.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(only_text_that_nobody_has_seen_is_taken_back) {
  /// Begins twice if it may, and thinks.
  class stumbling_engine final : public resilient_engine {
   public:
    result<engine_answer> answer(const engine_call& call) override {
      again = call.again;
      call.on_text("half");
      if (!call.rewind) return error{errc::unavailable, "it broke off"};
      call.rewind();
      call.wasted({.model_calls = 1, .tokens = 7});
      engine_answer out;
      out.made.text = "whole";
      out.made.prompt_tokens = 2;
      out.made.output_tokens = 3;
      out.reasoning = "想一想";
      return out;
    }
    engine_figures figures() const override { return {}; }
    bool again = false;
  };
  auto stumbling = std::make_shared<stumbling_engine>();
  services.engines["writer"] = stumbling;
  stage_harness quiet("generate", {{"prompt", "x"}, {"reasoning", true}}, services);
  auto out = quiet.run({});
  BOOST_REQUIRE(out);
  BOOST_TEST(text_at(*out, "text") == "whole");
  BOOST_TEST(text_at(*out, "reasoning") == "想一想");
  BOOST_TEST(quiet.used.model_calls == 2);
  BOOST_TEST(quiet.used.tokens == 12);
  BOOST_TEST(!stumbling->again);
  stage_harness loud("generate", {{"prompt", "x"}, {"stream", true}}, services);
  loud.info.attempt = 2;
  BOOST_TEST((loud.run({}).error().code == errc::unavailable));
  BOOST_TEST(loud.emitted == "half");
  BOOST_TEST(stumbling->again);
}

BOOST_AUTO_TEST_CASE(mistakes_are_found_before_the_first_run) {
  BOOST_TEST(!stage_harness("generate", {}, services).open());
  BOOST_TEST(!stage_harness("generate", {{"prompt", "{"}}, services).open());
  BOOST_TEST(!stage_harness("generate", {{"prompt", "x"}, {"top_p", 2.0}}, services).open());
  auto unknown = stage_harness("generate", {{"prompt", "x"}, {"model", "poet"}}, services).open();
  BOOST_REQUIRE(!unknown);
  BOOST_TEST(unknown.error().message.find("`poet`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(its_ports_are_the_slots_of_both_templates) {
  stage_harness s("generate", {{"system", "{a} {b?}"}, {"prompt", "{b} {c.0?}"}}, services);
  BOOST_REQUIRE(s.open());
  BOOST_REQUIRE(s.ports.in.size() == 3u);
  BOOST_TEST(!s.ports.in[1].optional);
  BOOST_TEST(s.ports.in[2].optional);
}

BOOST_AUTO_TEST_SUITE_END()
