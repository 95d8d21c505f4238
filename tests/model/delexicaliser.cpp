#include "model/delexicaliser.hpp"
#include "model/facts.hpp"
#include "model/sentences.hpp"
#include "model/shared_words.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace troupe {
namespace {

std::string facts_of(const std::string& text) {
  constexpr const char* names[] = {"code", "date", "time", "money", "percent", "number", "name"};
  std::string out;
  for (const fact& f : find_facts(text))
    out += std::string(out.empty() ? "" : ", ") + names[static_cast<int>(f.kind)] + " " +
           text.substr(f.begin, f.end - f.begin);
  return out;
}

delexicaliser make() {
  auto format = parse_prompt_format(R"({"format": "delexicalised", "parts": [
    {"name": "task", "role": "plain", "labels": ["task"]},
    {"name": "topic", "role": "whole", "labels": ["topic", "主题"]},
    {"name": "question", "role": "asks", "labels": ["question", "问题"]},
    {"name": "text", "role": "sentences", "labels": ["passage", "资料"]}]})",
                                    "test");
  BOOST_REQUIRE(format);
  return delexicaliser(*std::move(format));
}

std::string put_back(const std::string& answer, const delexicalised& prompt, std::size_t step) {
  placeholder_reader reader(prompt.meaning);
  std::string out;
  for (std::size_t at = 0; at < answer.size(); at += step)
    out += reader.push(answer.substr(at, step));
  return out + reader.finish();
}

BOOST_AUTO_TEST_SUITE(delexicalised_prompts)

BOOST_AUTO_TEST_CASE(facts_of_every_kind_are_found) {
  BOOST_TEST(facts_of("It costs $48.20 or 30 euros, 5% less on Monday.") ==
             "money $48.20, money 30 euros, percent 5%, date Monday");
  BOOST_TEST(facts_of("Order ORD-20931 arrives on 26 November 2026 at 9:30 am.") ==
             "code ORD-20931, date 26 November 2026, time 9:30 am");
  BOOST_TEST(facts_of("Order ORD-20931 and order C28 at 6 p.m.") ==
             "code ORD-20931, code C28, time 6 p.m.");
  BOOST_TEST(facts_of("Call 400-555-0137 or write to help@lantern.example within 30 days.") ==
             "code 400-555-0137, code help@lantern.example, number 30");
  BOOST_TEST(facts_of("The lamp was made by Dr Hana Kimura in Bergen.") ==
             "name Dr Hana Kimura, name Bergen");
}

BOOST_AUTO_TEST_CASE(facts_of_chinese_texts_are_found) {
  BOOST_TEST(facts_of("运费8元，满¥99免费，11月26日9:00前下单，3天内送达。") ==
             "money 8元, money ¥99, date 11月26日, time 9:00, number 3");
  BOOST_TEST(facts_of("周一下午3点半打九折，优惠12.5%，电话400-555-0137。") ==
             "date 周一, time 3点半, percent 12.5%, code 400-555-0137");
}

BOOST_AUTO_TEST_CASE(every_digit_lies_in_a_fact) {
  for (const std::string text :
       {"a1b2 3rd 4-5 6/7 v8 9.10.11 12,13 14:15:16 ①1", "第1章共2节3.5分4：5 6％７", "x1", "1"}) {
    std::string rest = text;
    const auto facts = find_facts(text);
    for (auto f = facts.rbegin(); f != facts.rend(); ++f) rest.erase(f->begin, f->end - f->begin);
    BOOST_TEST(rest.find_first_of("0123456789") == std::string::npos, text << " → " << rest);
  }
}

BOOST_AUTO_TEST_CASE(sentences_end_where_they_end) {
  const auto all =
      split_sentences("Dr. Ito came at 3.5 km/h. He left! “Why?” asked Ann.\n- a line");
  BOOST_REQUIRE_EQUAL(all.size(), 5u);
  BOOST_TEST(all[0] == "Dr. Ito came at 3.5 km/h.");
  BOOST_TEST(all[2] == "“Why?”");
  BOOST_TEST(all[4] == "a line");
  BOOST_TEST(split_sentences("运费8元。满99元免费！好吗？好").size() == 4u);
}

BOOST_AUTO_TEST_CASE(words_are_shared_whatever_their_ending) {
  const std::string_view text = "Deliveries arrive within 3 days of your order.";
  const shared_words words("When are orders delivered, and how?", {text}, 12);
  std::string found;
  for (const auto& w : words.find(text))
    found += std::string(text.substr(w.begin, w.end - w.begin)) + std::to_string(w.word) + " ";
  BOOST_TEST(found == "Deliveries1 order0 ");
}

BOOST_AUTO_TEST_CASE(chinese_runs_of_characters_are_shared) {
  const std::string_view text = "标准配送费为8元，由顺丰配送。";
  const shared_words words("请问配送费是多少？", {text}, 12);
  const auto found = words.find(text);
  BOOST_REQUIRE_EQUAL(found.size(), 1u);
  BOOST_TEST(text.substr(found[0].begin, found[0].end - found[0].begin) == "配送费");
}

BOOST_AUTO_TEST_CASE(facts_words_and_sentences_become_placeholders) {
  const auto prompt = make().read(
      "passage: Delivery costs ¥8. It is free above ¥99.\nquestion: How much is delivery?");
  BOOST_TEST(prompt.text ==
             "question: How much is ⟨w1⟩?\n"
             "text: ⟨w1⟩ costs ⟨m1⟩.⟦1⟧ It is free above ⟨m2⟩.⟦2⟧");
  BOOST_TEST(prompt.meaning.at("⟦2⟧") == "It is free above ¥99.");
  BOOST_TEST(prompt.meaning.at("⟨m1⟩") == "¥8");
}

BOOST_AUTO_TEST_CASE(a_fact_that_comes_again_has_the_same_placeholder) {
  const auto prompt =
      make().read("问题：订单ORD-20931到了吗？\n资料：订单ORD-20931已发货，运费8元。");
  BOOST_TEST(prompt.text == "question: ⟨w1⟩⟨c1⟩到了吗？\ntext: ⟨w1⟩⟨c1⟩已发货，运费⟨m1⟩。⟦1⟧");
}

BOOST_AUTO_TEST_CASE(a_prompt_without_labels_ends_in_its_question) {
  const auto prompt = make().read("The gate opens at 9:00. When does the gate open?");
  BOOST_TEST(prompt.text == "question: When does the ⟨w1⟩ ⟨w2⟩?\ntext: The ⟨w1⟩ ⟨w2⟩ at ⟨h1⟩.⟦1⟧");
}

BOOST_AUTO_TEST_CASE(a_topic_is_one_placeholder_and_begins_a_line_with_a_capital) {
  const auto prompt = make().read("task: outline\ntopic: tea in 5 cities\npassage: 3 people.");
  BOOST_TEST(prompt.text == "task: outline\ntopic: ⟨t1⟩\ntext: ⟨n1⟩ people.⟦1⟧");
  BOOST_TEST(put_back("Why ⟨t1⟩? ⟨t1⟩ is fun.", prompt, 2) ==
             "Why tea in 5 cities? Tea in 5 cities is fun.");
  BOOST_TEST(put_back("- ⟨t1⟩ at a glance\n- Why ⟨t1⟩ matters", prompt, 1) ==
             "- Tea in 5 cities at a glance\n- Why tea in 5 cities matters");
}

BOOST_AUTO_TEST_CASE(texts_are_put_back_however_the_answer_is_cut) {
  const auto prompt = make().read("资料：运费8元。满99元免费。\n问题：运费多少");
  const std::string answer = "⟦1⟧另外，⟦2⟧ 5⟨m2⟩⟦9⟧ ⟨";
  for (std::size_t step : {1, 2, 3, 4, 5, 7, 50})
    BOOST_TEST(put_back(answer, prompt, step) == "运费8元。另外，满99元免费。 599元 ⟨");
}

BOOST_AUTO_TEST_CASE(a_sentence_is_quoted_once) {
  const auto prompt = make().read("资料：运费8元。满99元免费。\n问题：运费多少");
  BOOST_TEST(put_back("⟦1⟧⟦2⟧⟦1⟧ ⟨m1⟩⟨m1⟩", prompt, 3) == "运费8元。满99元免费。 8元8元");
}

BOOST_AUTO_TEST_CASE(what_a_user_writes_is_no_placeholder) {
  const auto prompt = make().read("passage: Say ⟦7⟧ and ⟨m1⟩ for 8 yuan.\nquestion: ⟦1⟧ what?");
  BOOST_TEST(prompt.text.find("⟦7⟧") == std::string::npos);
  BOOST_TEST(prompt.text.find("Say [⟨n2⟩]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_placeholders_of_the_prompt_are_allowed) {
  const auto prompt = make().read("passage: Delivery costs ¥8.\nquestion: How much is delivery?");
  const auto banned = delexicaliser::banned(prompt);
  auto has = [&](const char* t) { return std::ranges::find(banned, t) != banned.end(); };
  BOOST_TEST(!has("⟦1⟧"));
  BOOST_TEST(!has("⟨m1⟩"));
  BOOST_TEST(has("⟦2⟧"));
  BOOST_TEST(has("⟨m2⟩"));
  BOOST_TEST(has("⟨w1⟩"));
  BOOST_TEST(has("7"));
}

BOOST_AUTO_TEST_CASE(answers_are_learned_with_placeholders) {
  const auto prompt =
      make().read("topic: Tea\npassage: Tea costs ¥8. It is free above ¥99.\nquestion: How much?");
  BOOST_TEST(with_placeholders("tea: It is free above ¥99. Else ¥8, ¥80.", prompt) ==
             "⟨t1⟩: ⟦2⟧ Else ⟨m1⟩, ¥80.");
}

BOOST_AUTO_TEST_CASE(more_facts_than_placeholders_are_read_but_never_told) {
  std::string text = "passage: ";
  for (int i = 10; i < 40; ++i) text += std::to_string(i) + ", ";
  const auto prompt = make().read(text + "\nquestion: what?");
  BOOST_TEST(prompt.text.find("⟨n0⟩") != std::string::npos);
  BOOST_TEST(prompt.text.find_first_of("56789", prompt.text.find("⟨n0⟩")) == std::string::npos);
  BOOST_TEST(!prompt.meaning.contains("⟨n0⟩"));
}

BOOST_AUTO_TEST_CASE(a_wrong_format_is_refused_by_name) {
  const auto wrong = parse_prompt_format(
      R"({"format": "delexicalised", "parts": [{"name": "a", "role": "b", "labels": []}]})", "f");
  BOOST_REQUIRE(!wrong);
  BOOST_TEST(wrong.error().message ==
             "cannot use the prompt format `f`: the role `b` is none of plain, whole, named, "
             "asks, sentences");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace troupe
