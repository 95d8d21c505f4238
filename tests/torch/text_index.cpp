#include "model/api.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

const std::vector<std::string> articles = {
    "Delivery takes 3 to 5 working days. Express delivery takes one day.",
    "You can return an article within 30 days and get a refund to your card.",
    "We accept Visa, Mastercard, PayPal and bank transfer.",
    "To reset your password, follow the link on the sign-in page.",
    "标准配送需要三到五个工作日，加急次日送达。",
    "收到商品三十天内可以退货，款项退回原支付方式。",
    "我们支持微信支付、支付宝和银行卡。",
    "忘记密码时，请在登录页面点击找回密码。",
};

std::int64_t best(const text_index& index, std::string_view query) {
  return index.search(query, 1).at(0).id;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text_indexes)

BOOST_AUTO_TEST_CASE(short_questions_find_their_article_in_both_languages) {
  const auto index = troupe_model_module()->make_index(articles, nullptr);
  BOOST_REQUIRE(index.has_value());
  BOOST_TEST(best(**index, "how many days does delivery take?") == 0);
  BOOST_TEST(best(**index, "can i get my money refunded") == 1);
  BOOST_TEST(best(**index, "do you take paypal") == 2);
  BOOST_TEST(best(**index, "forgot pasword") == 3);
  BOOST_TEST(best(**index, "标准配送要几天") == 4);
  BOOST_TEST(best(**index, "怎么退貨") == 5);
  BOOST_TEST(best(**index, "可以用支付宝吗") == 6);
  BOOST_TEST(best(**index, "密码忘了怎么办") == 7);
}

BOOST_AUTO_TEST_CASE(scores_are_cosines_best_first) {
  const auto index = troupe_model_module()->make_index(articles, nullptr);
  BOOST_REQUIRE(index.has_value());
  const auto hits = (*index)->search(articles[3], 99);
  BOOST_REQUIRE(hits.size() == articles.size());
  BOOST_TEST(hits[0].id == 3);
  BOOST_TEST(hits[0].score == 1.0, boost::test_tools::tolerance(1e-5));
  for (std::size_t i = 1; i < hits.size(); ++i) BOOST_TEST(hits[i - 1].score >= hits[i].score);
  BOOST_TEST(hits.back().score > -0.5);
}

BOOST_AUTO_TEST_CASE(an_empty_index_and_an_empty_question_find_nothing_useful) {
  const auto none = troupe_model_module()->make_index({}, nullptr);
  BOOST_REQUIRE(none.has_value());
  BOOST_TEST((*none)->search("anything", 3).empty());
  const auto index = troupe_model_module()->make_index(articles, nullptr);
  for (auto& hit : (*index)->search("", 3)) BOOST_TEST(hit.score == 0.0);
  BOOST_TEST((*index)->search("delivery", 0).empty());
}

BOOST_AUTO_TEST_SUITE_END()
