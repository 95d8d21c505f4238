#include "support/stage_harness.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

value judged(value::table with, value draft, std::optional<std::string> brief = std::nullopt) {
  value::table in = {{"draft", std::move(draft)}};
  if (brief) in.emplace_back("brief", *brief);
  auto out = stage_harness("satisfaction", std::move(with)).run(in);
  BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  return *out;
}

double score(const value& v) { return v.find("score")->as_number(); }
auto near = boost::test_tools::tolerance(1e-9);
value::list only(const char* name) { return {name}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(satisfaction_stage)

BOOST_AUTO_TEST_CASE(length_counts_words_and_chinese_characters) {
  value::table with = {{"criteria", only("length")}, {"min_words", 4}, {"max_words", 8}};
  BOOST_TEST(score(judged(with, "one two three four")) == 1, near);
  BOOST_TEST(score(judged(with, "灯笼商店")) == 1, near);
  auto brief = judged(with, "一二");
  BOOST_TEST(score(brief) == 0.5, near);
  BOOST_TEST(text_at(brief, "reasons") == R"(["length: 2 words, at least 4 wanted"])");
  BOOST_TEST(score(judged(with, "a b c d e f g h i j k l m n o p")) == 0.5, near);
  BOOST_TEST(score(judged(with, "")) == 0, near);
}

BOOST_AUTO_TEST_CASE(sections_are_items_or_lines) {
  value::table with = {{"criteria", only("sections")}, {"min_sections", 2}, {"max_sections", 4}};
  BOOST_TEST(score(judged(with, value::list{"a", "b"})) == 1, near);
  BOOST_TEST(score(judged(with, "a\n\nb\n")) == 1, near);
  BOOST_TEST(score(judged(with, "a")) == 0.5, near);
}

BOOST_AUTO_TEST_CASE(duplicates_differ_in_more_than_case_and_punctuation) {
  value::table with = {{"criteria", only("no_duplicates")}};
  BOOST_TEST(score(judged(with, value::list{"引言", "正文"})) == 1, near);
  auto twice = judged(with, value::list{"Intro", "Body", "intro!", "End"});
  BOOST_TEST(score(twice) == 0.75, near);
  BOOST_TEST(text_at(twice, "reasons").find("`intro!`") != std::string::npos);
  BOOST_TEST(score(judged(with, value::list{"引言", "引言。"})) == 0.5, near);
}

BOOST_AUTO_TEST_CASE(the_topic_is_covered_by_its_key_terms) {
  value::table with = {{"criteria", only("covers_topic")}};
  auto half = judged(with, "All about tea.", "the history of tea");
  BOOST_TEST(score(half) == 0.5, near);
  BOOST_TEST(text_at(half, "reasons").find("`history`") != std::string::npos);
  BOOST_TEST(score(judged(with, "Tea has a long history.", "the history of tea")) == 1, near);
  BOOST_TEST(score(judged(with, "中国茶叶的历史很长", "茶叶历史")) > 0.6);
  BOOST_TEST(score(judged(with, "咖啡", "茶叶历史")) == 0, near);
}

BOOST_AUTO_TEST_CASE(covering_a_topic_needs_a_brief) {
  auto out =
      stage_harness("satisfaction", {{"criteria", only("covers_topic")}}).run({{"draft", "x"}});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message.find("`brief`") == 0u);
}

BOOST_AUTO_TEST_CASE(a_banned_word_makes_everything_worth_nothing) {
  value::table with = {{"criteria", value::list{"length", "banned_words"}},
                       {"banned", value::list{"cheap", "最好"}}};
  BOOST_TEST(score(judged(with, "A CHEAP lamp")) == 0, near);
  BOOST_TEST(score(judged(with, "全国最好的灯")) == 0, near);
  BOOST_TEST(score(judged(with, "cheaper lamps")) == 1, near);
}

BOOST_AUTO_TEST_CASE(the_score_is_the_mean) {
  auto out = judged({{"criteria", value::list{"length", "sections"}}, {"min_words", 2}}, "one");
  BOOST_TEST(score(out) == 0.75, near);
  BOOST_TEST(out.find("reasons")->as_list().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_unknown_criterion_does_not_open) {
  auto opened = stage_harness("satisfaction", {{"criteria", only("wit")}}).open();
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().message.find("`wit`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
