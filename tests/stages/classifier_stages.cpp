// intent and sentiment.

#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

stage_services with_classifier(test::fake_classifier::function f) {
  auto library = std::make_shared<test::fake_library>();
  library->put("model", std::move(f));
  stage_services s;
  s.models = library;
  return s;
}

/// Probabilities of the five steps, from very negative to very positive.
stage_services with_mood(std::vector<double> p) {
  return with_classifier([p](std::string_view) {
    const char* names[] = {"very_negative", "negative", "neutral", "positive", "very_positive"};
    classification c;
    for (std::size_t i = 0; i < p.size(); ++i) {
      c.scores.emplace_back(names[i], p[i]);
      if (p[i] > c.confidence) c = {names[i], p[i], std::move(c.scores)};
    }
    return result<classification>(c);
  });
}

double number_at(const value& table, std::string_view key) { return table.find(key)->as_number(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(intent_stage)

BOOST_AUTO_TEST_CASE(a_sure_label_is_believed_in_both_languages) {
  auto services = with_classifier([](std::string_view text) {
    bool refund = text.find("refund") != text.npos || text.find("退款") != text.npos;
    return result<classification>({refund ? "get_refund" : "track_order", 0.8, {}});
  });
  stage_harness s("intent", {{"model", "model"}}, services);
  BOOST_TEST(text_at(*s.run({{"text", "I want a refund"}}), "label") == "get_refund");
  BOOST_TEST(text_at(*s.run({{"text", "我要退款"}}), "label") == "get_refund");
  auto other = s.run({{"text", "到哪了"}});
  BOOST_TEST(text_at(*other, "label") == "track_order");
  BOOST_TEST(number_at(*other, "confidence") == 0.8);
}

BOOST_AUTO_TEST_CASE(below_the_threshold_it_is_out_of_scope) {
  auto services = with_classifier([](std::string_view) {
    return result<classification>({"get_refund", 0.59, {}});
  });
  auto label = [&](double threshold) {
    return text_at(
        *stage_harness("intent",
                       {{"model", "model"}, {"threshold", threshold}, {"out_of_scope", "other"}},
                       services)
             .run({{"text", "hm"}}),
        "label");
  };
  BOOST_TEST(label(0.6) == "other");
  BOOST_TEST(label(0.59) == "get_refund");
}

BOOST_AUTO_TEST_CASE(a_blank_text_asks_no_model) {
  int asked = 0;
  auto services = with_classifier([&](std::string_view) {
    ++asked;
    return result<classification>({"x", 1, {}});
  });
  stage_harness s("intent", {{"model", "model"}}, services);
  for (auto text : {"", " ", "　\n"}) {
    auto out = s.run({{"text", text}});
    BOOST_TEST(text_at(*out, "label") == "out_of_scope");
    BOOST_TEST(number_at(*out, "confidence") == 0);
  }
  BOOST_TEST(asked == 0);
  BOOST_TEST(s.run({{"text", "😡"}}).has_value());
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_loaded_is_named) {
  auto missing = stage_harness("intent", {{"model", "gone"}}, with_mood({})).open();
  BOOST_TEST(missing.error().message.find("gone") != std::string::npos);
  BOOST_TEST((stage_harness("intent", {{"model", "m"}}).open().error().code == errc::unavailable));
  BOOST_TEST(!stage_harness("intent", {}).open());
  BOOST_TEST(
      !stage_harness("intent", {{"model", "model"}, {"threshold", 1.5}}, with_mood({})).open());
}

BOOST_AUTO_TEST_CASE(a_failing_model_fails_the_stage) {
  auto services = with_classifier([](std::string_view) -> result<classification> {
    return error{errc::failed, "broken"};
  });
  auto out = stage_harness("intent", {{"model", "model"}}, services).run({{"text", "hi"}});
  BOOST_TEST(out.error().message == "broken");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sentiment_stage)

BOOST_AUTO_TEST_CASE(polarity_is_the_expected_step) {
  struct {
    std::vector<double> p;
    double polarity, intensity;
    std::string mood;
  } cases[] = {
      {{1, 0, 0, 0, 0}, -1, 1, "angry"},       {{0, 1, 0, 0, 0}, -0.5, 0.5, "upset"},
      {{0, 0, 1, 0, 0}, 0, 0, "neutral"},      {{0, 0, 0, 1, 0}, 0.5, 0.5, "pleased"},
      {{0, 0, 0, 0, 1}, 1, 1, "delighted"},    {{0.6, 0.2, 0.1, 0.1, 0}, -0.65, 0.75, "angry"},
      {{0.4, 0, 0.2, 0, 0.4}, 0, 0.8, "angry"}};
  for (const auto& c : cases) {
    auto out =
        stage_harness("sentiment", {{"model", "model"}}, with_mood(c.p)).run({{"text", "x"}});
    BOOST_REQUIRE(out);
    BOOST_TEST(number_at(*out, "polarity") == c.polarity, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(number_at(*out, "intensity") == c.intensity, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(text_at(*out, "mood") == c.mood);
  }
}

BOOST_AUTO_TEST_CASE(a_blank_text_is_neutral) {
  auto out = stage_harness("sentiment", {{"model", "model"}}, with_mood({1, 0, 0, 0, 0}))
                 .run({{"text", "  "}});
  BOOST_TEST(text_at(*out, "mood") == "neutral");
  BOOST_TEST(number_at(*out, "polarity") == 0);
}

BOOST_AUTO_TEST_CASE(a_model_with_other_labels_is_refused) {
  auto services = with_classifier([](std::string_view) {
    return result<classification>({"happy", 1, {{"happy", 1}}});
  });
  auto out = stage_harness("sentiment", {{"model", "model"}}, services).run({{"text", "x"}});
  BOOST_REQUIRE(!out);
  BOOST_TEST(out.error().message.find("`happy`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
