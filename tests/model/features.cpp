#include "model/features.hpp"
#include "model/simplified.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace troupe;

namespace {

std::string shown(std::string_view text) {
  std::string out;
  for (auto& t : tokenise_text(text)) out += (out.empty() ? "" : " ") + t.text;
  return out;
}

double overlap(std::string_view a, std::string_view b) {
  const auto x = hash_features(a, {}), y = hash_features(b, {});
  std::vector<std::uint32_t> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  return double(both.size()) / double(std::max<std::size_t>(1, std::max(x.size(), y.size())));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(features)

BOOST_AUTO_TEST_CASE(words_are_folded_and_apostrophes_dropped) {
  BOOST_TEST(shown("Don't CANCEL my Ｏｒｄｅｒ") == "dont cancel my order");
  BOOST_TEST(shown("don’t") == "dont");
}

BOOST_AUTO_TEST_CASE(chinese_is_cut_into_characters_and_simplified) {
  BOOST_TEST(shown("請問訂單") == "请 问 订 单");
  BOOST_TEST(shown("取消order吧") == "取 消 order 吧");
}

BOOST_AUTO_TEST_CASE(what_varies_becomes_a_marker) {
  BOOST_TEST(shown("order #12345 please") == "order <id> please");
  BOOST_TEST(shown("ORD-20931") == "<id>");
  BOOST_TEST(shown("订单号20931到哪了") == "订 单 号 <id> 到 哪 了");
  BOOST_TEST(shown("2 items, 3.50 each") == "<num> items <num> each");
  BOOST_TEST(shown("mail me@shop.example.com now") == "mail <email> now");
  BOOST_TEST(shown("see https://a.b/c?d=1") == "see <url>");
}

BOOST_AUTO_TEST_CASE(slots_keep_their_name_and_order_numbers_meet_real_ones) {
  const auto tokens = tokenise_text("cancel {{Order Number}} of {{Account Type}}");
  BOOST_REQUIRE(tokens.size() == 4);
  BOOST_TEST(tokens[1].text == "<id>");
  BOOST_TEST(tokens[1].name == "order number");
  BOOST_TEST(tokens[3].text == "<slot>");
  BOOST_TEST(shown("{{ unfinished") == "unfinished");
}

BOOST_AUTO_TEST_CASE(questions_marks_and_emoji_stay_other_punctuation_goes) {
  BOOST_TEST(shown("why?! (really), ok... 😡") == "why ? ! really ok ... 😡");
  BOOST_TEST(shown("为什么？！") == "为 什 么 ? !");
}

BOOST_AUTO_TEST_CASE(broken_utf8_is_skipped) {
  BOOST_TEST(shown("or\xff"
                   "der \xe4\xbd") == "order");
  BOOST_TEST(tokenise_text("").empty());
  BOOST_TEST(hash_features("", {}).empty());
}

BOOST_AUTO_TEST_CASE(ids_are_sorted_unique_and_inside_the_buckets) {
  const feature_options small{.buckets = 97};
  const auto ids = hash_features("where where is my my order 订单订单在哪", small);
  BOOST_TEST(std::is_sorted(ids.begin(), ids.end()));
  BOOST_TEST((std::adjacent_find(ids.begin(), ids.end()) == ids.end()));
  BOOST_TEST(ids.back() < 97u);
}

BOOST_AUTO_TEST_CASE(ids_never_change_because_trained_models_hold_them) {
  const auto ids = hash_features("hi", {});
  const std::vector<std::uint32_t> expected = {512103,  1147027, 1427311, 1831376,
                                               1899443, 2100192, 3663891};
  BOOST_TEST(ids == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_typing_error_leaves_most_of_a_word_and_another_word_little) {
  BOOST_TEST(overlap("cancellation", "cancelation") > 0.5);
  BOOST_TEST(overlap("cancellation", "refund") < 0.1);
  BOOST_TEST(overlap("我要取消订单", "取消我的订单") > 0.3);
}

BOOST_AUTO_TEST_CASE(traditional_characters_map_one_to_one_and_others_stay) {
  BOOST_TEST((to_simplified(U'單') == U'单'));
  BOOST_TEST((to_simplified(U'单') == U'单'));
  BOOST_TEST((to_simplified(U'a') == U'a'));
  BOOST_TEST((to_simplified(to_simplified(U'後')) == U'后'));
}

BOOST_AUTO_TEST_SUITE_END()
