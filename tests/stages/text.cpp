#include "actors/stages/text.hpp"
#include "actors/stages/regex.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe::stages;

BOOST_AUTO_TEST_SUITE(texts)

BOOST_AUTO_TEST_CASE(broken_utf8_is_replaced_and_the_rest_kept) {
  BOOST_TEST(clean_utf8("好\xff!") == "好\xEF\xBF\xBD!");
  BOOST_TEST(clean_utf8("\xe4\xbd") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  BOOST_TEST(clean_utf8("plain 中文 😀") == "plain 中文 😀");
}

BOOST_AUTO_TEST_CASE(blank_means_nothing_to_see) {
  for (auto blank : {"", " \t\n", "　", "\xE2\x80\x8B"}) BOOST_TEST(is_blank(blank));
  for (auto text : {"a", "。", "😀", "\xff"}) BOOST_TEST(!is_blank(text));
}

BOOST_AUTO_TEST_CASE(the_language_is_the_one_with_more_words) {
  BOOST_TEST(language_of("Where is my order?").value() == "en");
  BOOST_TEST(language_of("我的订单到哪了").value() == "zh");
  BOOST_TEST(language_of("请问 iPhone case 什么时候发货").value() == "zh");
  BOOST_TEST(language_of("what does 你好 mean in English").value() == "en");
  BOOST_TEST(language_of("où est ma commande").value() == "en");
  for (auto text : {"", "20931", "😀", "?!。"}) BOOST_TEST(!language_of(text));
}

BOOST_AUTO_TEST_CASE(words_are_counted_fairly) {
  BOOST_TEST(count_words("") == 0u);
  BOOST_TEST(count_words("don't panic, 42 times") == 4u);
  BOOST_TEST(count_words("订单号20931") == 4u);
  BOOST_TEST(count_words("the 3rd") == 2u);
}

BOOST_AUTO_TEST_CASE(folding_keeps_only_the_words) {
  BOOST_TEST(folded("  Hello,   WORLD! ") == "hello world");
  BOOST_TEST(folded("ＯＲＤ－１２") == "ord 12");
  BOOST_TEST(folded("什么时候，到？") == "什么时候 到");
  BOOST_TEST(folded("😀") == "");
}

BOOST_AUTO_TEST_CASE(a_word_boundary_stands_between_chinese_and_digits) {
  auto r = regex::compile(R"(\b(\d{5})\b)");
  auto found = r->search("订单20931到哪了");
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((*found)[1].begin == std::string("订单").size());
}

BOOST_AUTO_TEST_CASE(a_wrong_pattern_is_quoted_with_its_place) {
  auto r = regex::compile("a(b");
  BOOST_REQUIRE(!r);
  BOOST_TEST(r.error().message.find("`a(b` is wrong at byte 4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_runaway_pattern_gives_up) {
  auto r = regex::compile("(a+)+$");
  BOOST_TEST(!r->search(std::string(200, 'a') + "b"));
}

BOOST_AUTO_TEST_CASE(broken_utf8_matches_nothing) {
  auto r = regex::compile(".");
  BOOST_TEST(!r->search("\xff"));
}

BOOST_AUTO_TEST_CASE(plain_lines_lose_numbers_bullets_and_blank_lines) {
  const std::vector<std::string> expected = {"Intro", "3D printing", "1.5 litres", "2024 in view",
                                             "End"};
  BOOST_TEST(
      plain_lines("1. Intro\n\n2) 3D printing\r\n - 1.5 litres\n(4) 2024 in view\n## **End**") ==
          expected,
      boost::test_tools::per_element());
  const std::vector<std::string> chinese = {"引言", "一杯茶", "做法", "三月的花", "结语"};
  BOOST_TEST(
      plain_lines("一、引言\n2、一杯茶\n（三）做法\n• 三月的花\n10．结语\n   \n- \n") == chinese,
      boost::test_tools::per_element());
  BOOST_TEST(plain_lines("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
