#include "model/scripted_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

struct with_scripted {
  skipping_clock time;
  scripted_engine engine{"writer", time};

  result<generation> ask(std::string prompt, std::int64_t max_tokens = 100) {
    generation_request r;
    r.messages = {{chat_message::role_type::system, "be kind"},
                  {chat_message::role_type::user, std::move(prompt)}};
    r.max_tokens = max_tokens;
    r.deadline = time.now() + 10s;
    r.stop = {"###"};
    return engine.generate(r, [&](std::string_view piece) { streamed += piece; });
  }
  std::string text(std::string prompt) { return ask(std::move(prompt))->text; }
  std::string streamed;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_scripted_engine, with_scripted)

BOOST_AUTO_TEST_CASE(answers_one_after_another_and_stays_with_the_last) {
  engine.play({{{}, {{.text = "one"}, {.text = "two"}}}});
  BOOST_TEST(text("x") == "one");
  BOOST_TEST(text("x") == "two");
  BOOST_TEST(text("x") == "two");
  BOOST_TEST(streamed == "onetwotwo");
  engine.play({{{}, {{.text = "anew"}}}});
  BOOST_TEST(text("x") == "anew");
}

BOOST_AUTO_TEST_CASE(takes_the_first_rule_whose_texts_are_all_in_the_prompt) {
  engine.play({{{"提纲", "杭州"}, {{.text = "both"}}},
               {{"提纲"}, {{.text = "one"}}},
               {{"be kind"}, {{.text = "the system's"}}}});
  BOOST_TEST(text("写提纲，杭州") == "both");
  BOOST_TEST(text("写提纲") == "one");
  BOOST_TEST(text("else") == "the system's");
}

BOOST_AUTO_TEST_CASE(shows_a_prompt_that_no_rule_holds_for) {
  engine.play({{{"outline"}, {{.text = "1. Tea"}}}});
  const auto answer = ask("write a section");
  BOOST_REQUIRE(!answer);
  BOOST_TEST(answer.error().message ==
             "no rule of the scripted engine `writer` answers this prompt:\nbe kind\nwrite a "
             "section");
}

BOOST_AUTO_TEST_CASE(fails_as_it_is_told) {
  engine.play({{{}, {{.failure = error{errc::unavailable, "down"}}, {.text = "up"}}}});
  const auto answer = ask("x");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((answer.error().code == errc::unavailable));
  BOOST_TEST(text("x") == "up");
}

BOOST_AUTO_TEST_CASE(keeps_stop_strings_and_the_most_tokens_without_cutting_a_character) {
  engine.play({{{}, {{.text = "tea### and more"}, {.text = "绿茶的历史"}}}});
  BOOST_TEST(text("x") == "tea");
  const auto cut = ask("x", 1);
  BOOST_TEST(cut->text == "绿");
  BOOST_TEST((cut->reason == finish_reason::length));
  BOOST_TEST(cut->output_tokens == 1);
}

BOOST_AUTO_TEST_CASE(takes_time_without_making_anybody_wait) {
  engine.play({{{}, {{.text = "slow", .takes = 9s}, {.text = "too slow", .takes = 1h}}}});
  const auto before = time.now();
  BOOST_TEST(text("x") == "slow");
  BOOST_TEST((time.now() - before >= 9s));
  const auto late = ask("x");
  BOOST_TEST((late->reason == finish_reason::deadline));
  BOOST_TEST(late->text == "");
  BOOST_TEST((time.now() - before < 30s));
}

BOOST_AUTO_TEST_SUITE_END()
