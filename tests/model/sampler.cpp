#include "model/sampler.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <vector>

using namespace troupe;

namespace {

std::array<int, 4> counted(const std::array<float, 4>& logits, const sampling_options& o) {
  random_source random(3);
  std::array<int, 4> counts{};
  for (int i = 0; i < 4000; ++i)
    ++counts[static_cast<std::size_t>(sample_token(logits, o, random))];
  return counts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sampler)

BOOST_AUTO_TEST_CASE(temperature_zero_takes_the_first_of_the_most_likely) {
  random_source random(1);
  const std::array<float, 4> logits = {1, 5, 5, 2};
  BOOST_TEST(sample_token(logits, {}, random) == 1);
  BOOST_TEST(random.next() == random_source(1).next());
}

BOOST_AUTO_TEST_CASE(frequencies_follow_the_softmax) {
  const auto counts = counted({0, std::log(2.0f), std::log(4.0f), -30}, {.temperature = 1});
  BOOST_TEST(counts[0] / 4000.0 == 1.0 / 7, boost::test_tools::tolerance(0.1));
  BOOST_TEST(counts[1] / 4000.0 == 2.0 / 7, boost::test_tools::tolerance(0.1));
  BOOST_TEST(counts[2] / 4000.0 == 4.0 / 7, boost::test_tools::tolerance(0.1));
  BOOST_TEST(counts[3] == 0);
}

BOOST_AUTO_TEST_CASE(top_k_and_top_p_cut_the_tail) {
  const std::array<float, 4> logits = {0, 1, 2, 3};
  const auto k = counted(logits, {.temperature = 1, .top_k = 2});
  BOOST_TEST(k[0] + k[1] == 0);
  BOOST_TEST(k[2] > 0);
  const auto p = counted(logits, {.temperature = 1, .top_p = 0.7});
  BOOST_TEST(p[0] + p[1] == 0);
  BOOST_TEST(p[2] > 0);
  BOOST_TEST(p[3] / static_cast<double>(p[2]) == std::exp(1.0), boost::test_tools::tolerance(0.15));
  const auto one = counted(logits, {.temperature = 1, .top_p = 0.0});
  BOOST_TEST(one[3] == 4000);
}

BOOST_AUTO_TEST_CASE(min_p_keeps_what_is_likely_enough_beside_the_likeliest) {
  // e, e^2 and e^3 against e^3: 0.135, 0.368 and 1.
  const std::array<float, 4> logits = {0, 1, 2, 3};
  const auto kept = counted(logits, {.temperature = 1, .min_p = 0.3});
  BOOST_TEST(kept[0] + kept[1] == 0);
  BOOST_TEST(kept[2] > 0);
  const auto hot = counted(logits, {.temperature = 3, .min_p = 0.3});
  BOOST_TEST(hot[0] > 0);
}

BOOST_AUTO_TEST_CASE(a_penalty_lowers_each_token_that_is_there_once) {
  std::array<float, 4> logits = {2, -2, 1, 3};
  adjust_scores(logits, {.repetition_penalty = 2}, std::array<std::int64_t, 5>{0, 1, 0, 0, 99});
  BOOST_TEST((logits == std::array<float, 4>{1, -4, 1, 3}));
}

BOOST_AUTO_TEST_CASE(banned_tokens_are_never_chosen) {
  std::array<float, 4> logits = {0, 1, 2, 3};
  const sampling_options o{.temperature = 1, .banned = {3, 1, -1, 4}};
  adjust_scores(logits, o, {});
  const auto counts = counted(logits, o);
  BOOST_TEST(counts[1] + counts[3] == 0);
  BOOST_TEST(counts[0] > 0);
  random_source random(1);
  BOOST_TEST(sample_token(logits, {}, random) == 2);
}

BOOST_AUTO_TEST_CASE(a_log_probability_is_that_of_the_softmax) {
  const std::array<float, 3> logits = {std::log(1.0f), std::log(2.0f), std::log(5.0f)};
  BOOST_TEST(log_probability(logits, 1) == std::log(0.25), boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(the_same_seed_draws_the_same_tokens) {
  const std::array<float, 4> logits = {1, 1, 1, 1};
  random_source a(42), b(42), c(43);
  bool differs = false;
  for (int i = 0; i < 32; ++i) {
    const auto x = sample_token(logits, {.temperature = 2}, a);
    BOOST_TEST(x == sample_token(logits, {.temperature = 2}, b));
    differs |= x != sample_token(logits, {.temperature = 2}, c);
  }
  BOOST_TEST(differs);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_never_drawn) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  random_source random(1);
  const std::array<float, 3> logits = {nan, -1, nan};
  BOOST_TEST(sample_token(logits, {}, random) == 1);
  BOOST_TEST(sample_token(logits, {.temperature = 1}, random) == 1);
}

BOOST_AUTO_TEST_CASE(of_a_large_vocabulary_the_filters_leave_what_sorting_it_all_would) {
  random_source random(7);
  std::vector<float> logits(5000);
  for (float& x : logits) x = static_cast<float>(random.uniform() * 12);
  logits[17] = std::numeric_limits<float>::quiet_NaN();
  logits[18] = -std::numeric_limits<float>::infinity();
  std::vector<std::pair<double, std::int64_t>> sorted;
  double mass = 0;
  for (std::int64_t i = 0; i < std::ssize(logits); ++i) {
    const double x = logits[static_cast<std::size_t>(i)];
    if (std::isnan(x)) continue;
    sorted.emplace_back(std::exp(x), i);
    mass += sorted.back().first;
  }
  std::ranges::sort(sorted, std::greater());
  auto kept = [&](std::int64_t k, double top_p, double min_p) {
    double whole = 0, sum = 0;
    for (std::int64_t i = 0; i < std::min(k, std::ssize(sorted)); ++i)
      whole += sorted[static_cast<std::size_t>(i)].first;
    std::set<std::int64_t> out;
    for (const auto& [weight, id] : sorted) {
      if (std::ssize(out) == k || (!out.empty() && sum >= top_p * whole)) break;
      if (weight < min_p * sorted.front().first) break;
      out.insert(id);
      sum += weight;
    }
    return out;
  };
  struct filters {
    std::int64_t top_k;
    double top_p, min_p;
  };
  for (const auto& f : {filters{0, 0.02, 0}, filters{0, 0.9, 0}, filters{0, 1, 0.2},
                        filters{7, 1, 0}, filters{40, 0.5, 0}, filters{0, 0.99, 0.6},
                        filters{4999, 1, 0}, filters{6000, 0.999999, 0}}) {
    const auto allowed = kept(f.top_k > 0 ? f.top_k : 5000, f.top_p, f.min_p);
    std::set<std::int64_t> drawn;
    for (int i = 0; i < 2000; ++i)
      drawn.insert(sample_token(
          logits, {.temperature = 1, .top_p = f.top_p, .top_k = f.top_k, .min_p = f.min_p},
          random));
    BOOST_TEST(std::ranges::includes(allowed, drawn));
    if (allowed.size() < 100) BOOST_TEST(drawn.size() == allowed.size());
  }
}

BOOST_AUTO_TEST_SUITE_END()
