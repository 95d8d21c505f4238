#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"

#include "actors/stages/judge.hpp"
#include "actors/stages/key_terms.hpp"
#include "actors/stages/overlap.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace troupe::stages;
using test::stage_harness;
using test::text_at;

namespace {

value judged(value::table with, value draft, value brief = {}, value topic = {}) {
  value::table in = {{"draft", std::move(draft)}};
  if (!brief.is_none()) in.emplace_back("brief", brief);
  if (!topic.is_none()) in.emplace_back("topic", topic);
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
  BOOST_TEST(text_at(brief, "reasons") == R"(["现有2字，至少需要4字"])");
  BOOST_TEST(score(judged(with, "a b c d e f g h i j k l m n o p")) == 0.5, near);
  auto empty = judged(with, "");
  BOOST_TEST(score(empty) == 0, near);
  BOOST_TEST(text_at(empty, "reasons") == R"(["it has 0 words, at least 4 are wanted"])");
}

BOOST_AUTO_TEST_CASE(sections_are_items_or_lines) {
  value::table with = {{"criteria", only("sections")}, {"min_sections", 2}, {"max_sections", 4}};
  BOOST_TEST(score(judged(with, value::list{"a", "b"})) == 1, near);
  BOOST_TEST(score(judged(with, "a\n\nb\n")) == 1, near);
  BOOST_TEST(score(judged(with, "a")) == 0.5, near);
}

BOOST_AUTO_TEST_CASE(duplicates_differ_in_more_than_a_few_words) {
  value::table with = {{"criteria", only("no_duplicates")}};
  BOOST_TEST(score(judged(with, value::list{"引言", "正文"})) == 1, near);
  auto twice = judged(with, value::list{"Intro", "Body", "intro!", "End"});
  BOOST_TEST(score(twice) == 0.75, near);
  BOOST_TEST(text_at(twice, "reasons").find("`intro!`") != std::string::npos);
  BOOST_TEST(score(judged(with, value::list{"引言", "引言。"})) == 0.5, near);
  value::list nearly = {"The shop opens at nine every day of the week",
                        "The shop opens at nine, every single day of the week"};
  BOOST_TEST(score(judged(with, nearly)) == 0.5, near);
  value::list chinese = {"本店每天早上九点开门营业", "本店每天早上九点开门并营业"};
  BOOST_TEST(score(judged(with, chinese)) == 0.5, near);
  with.emplace_back("max_overlap", 0.95);
  BOOST_TEST(score(judged(with, nearly)) == 1, near);
}

BOOST_AUTO_TEST_CASE(one_repeated_section_decides_whatever_else_is_good) {
  value::table with = {{"criteria", value::list{"sections", "no_duplicates", "covers_topic"}}};
  const value eight(value::list{"Tea at a glance", "History", "Growing it", "What it costs",
                                "Good habits", "Common mistakes", "what it costs", "In the end"});
  const auto out = judged(with, eight, value::list{"costs 5"}, "tea");
  BOOST_TEST(score(out) == 0.875, near);
  BOOST_TEST(text_at(out, "reasons") == R"(["it repeats itself: `what it costs`"])");
  with.emplace_back("weights", value::table{{"no_duplicates", 0}});
  BOOST_TEST(score(judged(with, eight, value::list{"costs 5"}, "tea")) == 1, near);
}

BOOST_AUTO_TEST_CASE(headings_repeat_only_those_of_their_level) {
  value::table with = {{"criteria", only("no_duplicates")}};
  BOOST_TEST(score(judged(with, "# Brewing tea\n## Brewing tea\nBrewing tea.")) == 1, near);
  BOOST_TEST(score(judged(with, "# Brewing tea\n## Water\nHot.\n## Water")) == 0.75, near);
  BOOST_TEST(score(judged(with, "#1 is tea\n#1 is tea")) == 0.5, near);
}

BOOST_AUTO_TEST_CASE(to_name_the_topic_is_no_repetition) {
  value::table with = {{"criteria", only("no_duplicates")}, {"max_overlap", 0.7}};
  const value topic("how to care for houseplants on a small budget");
  const value headings(value::list{"How to care for houseplants on a small budget",
                                   "How to care for houseplants on a small budget at a glance",
                                   "How to care for houseplants on a small budget in short"});
  BOOST_TEST(score(judged(with, headings)) == 1.0 / 3, near);
  BOOST_TEST(score(judged(with, headings, {}, topic)) == 1, near);
  BOOST_TEST(score(judged(with, value::list{"Small", "Budget"}, {}, topic)) == 1, near);
  BOOST_TEST(score(judged(with, value::list{"Small budget", "Small budget"}, {}, topic)) == 0.5,
             near);
  const value chinese(value::list{"手机摄影入门", "手机摄影要点", "手机摄影入门"});
  BOOST_TEST(score(judged(with, chinese, {}, "手机摄影")) == 2.0 / 3, near);
}

BOOST_AUTO_TEST_CASE(the_topic_is_covered_by_its_key_terms) {
  value::table with = {{"criteria", only("covers_topic")}};
  auto half = judged(with, "All about tea.", "the history of tea");
  BOOST_TEST(score(half) == 0.5, near);
  BOOST_TEST(text_at(half, "reasons") == R"(["it says nothing about `history`"])");
  BOOST_TEST(score(judged(with, "Teas have a long history.", "the history of tea")) == 1, near);
  BOOST_TEST(score(judged(with, "A team with history", "history of tea")) < 1);
  BOOST_TEST(score(judged(with, "中国茶叶的历史很长", "茶叶历史")) == 1, near);
  auto coffee = judged(with, "咖啡的做法", "关于咖啡的历史");
  BOOST_TEST(score(coffee) < 0.7);
  BOOST_TEST(text_at(coffee, "reasons").find("“历史”") != std::string::npos);
  BOOST_TEST(score(judged(with, "咖啡", "茶叶历史")) == 0, near);
  BOOST_TEST(score(judged(with, "all about tea", value::list{"costs 5"}, "tea")) == 1, near);
}

BOOST_AUTO_TEST_CASE(every_fact_of_the_brief_counts_with_its_numbers) {
  value::table with = {{"criteria", only("covers_brief")}};
  const value facts(value::list{"opens at 9:30", "costs 1,299 yuan", "free parking"});
  BOOST_TEST(score(judged(with, "It opened at 9:30, for 1,299 yuan; parking is free.", facts)) == 1,
             near);
  auto wrong = judged(with, "It opens at 9:30 and costs 1,298 yuan, with free parking.", facts);
  BOOST_TEST(score(wrong) == 2.0 / 3, near);
  BOOST_TEST(text_at(wrong, "reasons") ==
             R"(["it lacks what the brief says: `costs 1,299 yuan`"])");
  auto chinese = judged(with, "票价20元，周一闭馆休息。", "- 票价200元\n- 周一闭馆休息");
  BOOST_TEST(score(chinese) == 0.5, near);
  BOOST_TEST(text_at(chinese, "reasons") == R"(["缺少要点：“票价200元”"])");
  BOOST_TEST(score(judged(with, "anything", value::list{})) == 1, near);
}

BOOST_AUTO_TEST_CASE(the_language_is_that_of_the_topic) {
  value::table with = {{"criteria", only("language")}};
  BOOST_TEST(score(judged(with, value::list{"茶的历史", "History"}, "", "茶")) == 0.5, near);
  BOOST_TEST(score(judged(with, value::list{"tea", "History"}, "", "tea")) == 1, near);
  BOOST_TEST(score(judged(with, "42", "", "tea")) == 1, near);
}

BOOST_AUTO_TEST_CASE(a_format_is_a_list_or_prose_or_json) {
  value::table with = {{"criteria", only("format")}, {"format", "list"}};
  BOOST_TEST(score(judged(with, "1. a\n2. b\n- c\n二、d")) == 1, near);
  BOOST_TEST(score(judged(with, "1. a\nb")) == 0.5, near);
  with.back().second = "prose";
  BOOST_TEST(score(judged(with, "Tea is old.\n1.5 litres a day.")) == 1, near);
  BOOST_TEST(score(judged(with, "# Tea\nTea is old.")) == 0.5, near);
  with.back().second = "json";
  BOOST_TEST(score(judged(with, "{\"a\": [1]}")) == 1, near);
  BOOST_TEST(score(judged(with, "{a}")) == 0, near);
}

BOOST_AUTO_TEST_CASE(what_needs_a_brief_does_not_load_without_one) {
  for (auto name : {"covers_topic", "covers_brief", "language"}) {
    stage_harness s("satisfaction", {{"criteria", only(name)}});
    BOOST_REQUIRE(s.open());
    BOOST_TEST(!s.ports.in.back().optional, name);
    BOOST_TEST(!s.run({{"draft", "x"}}));
  }
  stage_harness other("satisfaction", {{"criteria", only("length")}});
  BOOST_REQUIRE(other.open());
  BOOST_TEST(other.ports.in.back().name == "brief");
  BOOST_TEST(other.ports.in.back().optional);
}

BOOST_AUTO_TEST_CASE(a_banned_word_makes_everything_worth_nothing) {
  value::table with = {{"criteria", value::list{"length", "banned_words"}},
                       {"banned", value::list{"cheap", "最好"}}};
  BOOST_TEST(score(judged(with, "A CHEAP lamp")) == 0, near);
  BOOST_TEST(score(judged(with, "A ch3ap lamp")) == 0, near);
  auto best = judged(with, "全国最好的灯");
  BOOST_TEST(score(best) == 0, near);
  BOOST_TEST(text_at(best, "reasons") == R"(["不得出现“最好”"])");
  BOOST_TEST(score(judged(with, "cheaper lamps")) == 1, near);
}

BOOST_AUTO_TEST_CASE(the_score_is_the_weighted_mean) {
  value::table with = {{"criteria", value::list{"length", "sections"}}, {"min_words", 2}};
  auto out = judged(with, "one");
  BOOST_TEST(score(out) == 0.75, near);
  BOOST_TEST(out.find("reasons")->as_list().size() == 1u);
  BOOST_TEST(text_at(out, "scores") == R"({"length":0.5,"sections":1.0})");
  with.emplace_back("weights", value::table{{"length", 3}});
  BOOST_TEST(score(judged(with, "one")) == 0.625, near);
}

BOOST_AUTO_TEST_CASE(mistakes_do_not_open) {
  auto complaint = [](value::table with) {
    auto opened = stage_harness("satisfaction", std::move(with)).open();
    return opened ? "none" : opened.error().message;
  };
  BOOST_TEST(complaint({{"criteria", only("wit")}}).find("`wit`") != std::string::npos);
  BOOST_TEST(complaint({{"criteria", only("length")}, {"weights", value::table{{"wit", 1}}}})
                 .find("`wit`") != std::string::npos);
  BOOST_TEST(complaint({{"criteria", only("length")}, {"weights", value::table{{"length", -1}}}})
                 .find("from 0") != std::string::npos);
  BOOST_TEST(complaint({{"criteria", only("length")}, {"judge", "nobody"}}) != "none");
}

BOOST_AUTO_TEST_CASE(a_model_judges_too) {
  auto engine = std::make_shared<test::fake_engine>(
      std::deque<std::string>{"Score: 40\n- too short\n- no prices", "I like it"});
  stage_services services;
  services.engines["critic"] = engine;
  stage_harness s(
      "satisfaction",
      {{"criteria", only("length")}, {"judge", "critic"}, {"weights", value::table{{"judge", 2}}}},
      services);
  auto out = s.run({{"draft", "Tea is old."}, {"topic", "tea"}, {"brief", "- since 2737"}});
  BOOST_REQUIRE(out);
  BOOST_TEST(score(*out) == (1 + 2 * 0.4) / 3, near);
  BOOST_TEST(text_at(*out, "reasons") == R"(["too short","no prices"])");
  BOOST_TEST(s.used.model_calls == 1);
  BOOST_TEST(s.used.tokens > 100);
  const auto asked = engine->requests().at(0).messages;
  BOOST_TEST(asked.at(1).text == "Topic: tea\nFacts:\n- since 2737\nDraft:\nTea is old.");
  auto silent = s.run({{"draft", "Tea is old."}});
  BOOST_REQUIRE(silent);
  BOOST_TEST(score(*silent) == 1, near);
  engine->fail({errc::unavailable, "down"});
  auto failed = s.run({{"draft", "x"}});
  BOOST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(an_opinion_is_read_however_it_is_put) {
  auto read = [](std::string_view answer) {
    auto found = read_opinion(answer);
    return found ? found->score : -1;
  };
  BOOST_TEST(read("Score: 85") == 0.85, near);
  BOOST_TEST(read("**Score: 8/10**\n- vague") == 0.8, near);
  BOOST_TEST(read("Overall score is 7 out of 10.") == 0.7, near);
  BOOST_TEST(read("评分：90分\n- 例子太少") == 0.9, near);
  BOOST_TEST(read("总分：85%") == 0.85, near);
  BOOST_TEST(read("0.85") == 0.85, near);
  BOOST_TEST(read("<think>maybe 10?</think>Score: 60") == 0.6, near);
  BOOST_TEST(read("Here: {\"score\": 0.75, \"reasons\": [\"a\"]}") == 0.75, near);
  BOOST_TEST(read("```json\n{\"score\": \"9/10\"}\n```") == 0.9, near);
  BOOST_TEST(read("The 3 parts are fine.\nScore: 50") == 0.5, near);
  for (auto answer : {"", "fine", "Score: 180", "Score: -5", "{\"score\": null}"})
    BOOST_TEST(read(answer) == -1, answer);
}

BOOST_AUTO_TEST_CASE(scores_stay_within_bounds_and_grow_with_the_draft) {
  BOOST_TEST(rc::check([] {
    const std::vector<std::string> words = {"tea", "history", "1299", "茶叶", "cheap", "- x",
                                            "\n",  "历史",    ".",    "yuan", "\xff"};
    auto text = [&] {
      std::string out;
      for (const auto& word :
           *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(words)))
        out += word + " ";
      return out;
    };
    const value::table with = {
        {"criteria", value::list{"length", "sections", "no_duplicates", "covers_topic",
                                 "covers_brief", "language", "format", "banned_words"}},
        {"banned", value::list{"cheap"}},
        {"format", "prose"},
        {"min_words", 3},
        {"max_words", 5}};
    const auto written = text(), brief = text(), topic = text();
    auto out = stage_harness("satisfaction", with)
                   .run({{"draft", written}, {"brief", brief}, {"topic", topic}});
    RC_ASSERT(out.has_value());
    RC_ASSERT(score(*out) >= 0 && score(*out) <= 1);
    for (const auto& [name, one] : out->find("scores")->as_table())
      RC_ASSERT(one.as_number() >= 0 && one.as_number() <= 1);
    // More text never covers less.
    for (auto name : {"covers_topic", "covers_brief"}) {
      stage_harness s("satisfaction", {{"criteria", only(name)}});
      const value::table shorter = {{"draft", written}, {"brief", brief}, {"topic", topic}};
      const value::table longer = {
          {"draft", written + " " + text()}, {"brief", brief}, {"topic", topic}};
      RC_ASSERT(score(*s.run(longer)) >= score(*s.run(shorter)) - 1e-12);
    }
  }));
}

BOOST_AUTO_TEST_CASE(a_better_criterion_never_makes_the_score_worse) {
  BOOST_TEST(rc::check([] {
    const double weight = *rc::gen::inRange(0, 5);
    const value::table with = {{"criteria", value::list{"length", "sections"}},
                               {"weights", value::table{{"length", weight}}},
                               {"min_words", 10},
                               {"max_words", 10}};
    stage_harness s("satisfaction", with);
    const int words = *rc::gen::inRange(0, 10);
    std::string text;
    for (int i = 0; i < words; ++i) text += "word ";
    RC_ASSERT(score(*s.run({{"draft", text + "word"}})) >= score(*s.run({{"draft", text}})));
  }));
}

BOOST_AUTO_TEST_CASE(overlap_is_symmetric_and_one_for_the_same) {
  const auto a = ngrams_of("Tea is old"), b = ngrams_of("tea, IS old!"), c = ngrams_of("茶很老");
  BOOST_TEST(overlap(a, b) == 1, near);
  BOOST_TEST(overlap(a, c) == 0, near);
  BOOST_TEST(overlap(a, ngrams_of("Tea is new")) == overlap(ngrams_of("Tea is new"), a), near);
}

BOOST_AUTO_TEST_SUITE_END()
