#include "model/rope.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace troupe;

BOOST_TEST_DONT_PRINT_LOG_VALUE(std::vector<double>)

BOOST_AUTO_TEST_SUITE(rope)

BOOST_AUTO_TEST_CASE(plain_frequencies_fall_by_powers_of_the_base) {
  const auto f = rope_frequencies({.size = 8, .theta = 10000}, 1);
  BOOST_REQUIRE(f.size() == 4u);
  for (std::size_t i = 0; i < 4; ++i)
    BOOST_TEST(f[i] == std::pow(10.0, -static_cast<double>(i)),
               boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(linear_scaling_slows_all_pairs_alike) {
  const auto plain = rope_frequencies({.size = 64}, 1);
  const auto f = rope_frequencies({.kind = rope_kind::linear, .size = 64, .factor = 4}, 1);
  for (std::size_t i = 0; i < f.size(); ++i) BOOST_TEST(f[i] == plain[i] / 4);
}

BOOST_AUTO_TEST_CASE(dynamic_scaling_begins_beyond_the_original_context) {
  const rope_settings s{
      .kind = rope_kind::dynamic, .size = 64, .factor = 2, .original_context = 1000};
  BOOST_TEST(rope_frequencies(s, 1000) == rope_frequencies({.size = 64}, 1));
  BOOST_TEST(!s.depends_on_length(1000));
  BOOST_TEST(s.depends_on_length(1001));
  // At twice the context and factor 2 the base is multiplied by 3^(64/62).
  BOOST_TEST(
      rope_frequencies(s, 2000).back() == std::pow(10000 * std::pow(3, 64.0 / 62), -62.0 / 64),
      boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(llama3_keeps_the_fast_pairs_and_slows_the_slow_ones) {
  const rope_settings s{.kind = rope_kind::llama3,
                        .size = 128,
                        .theta = 500000,
                        .factor = 8,
                        .original_context = 8192};
  const auto plain = rope_frequencies({.size = 128, .theta = 500000}, 1);
  const auto f = rope_frequencies(s, 1);
  BOOST_TEST(f.front() == plain.front());
  BOOST_TEST(f.back() == plain.back() / 8);
  for (std::size_t i = 1; i < f.size(); ++i) BOOST_TEST(f[i] < f[i - 1]);
}

BOOST_AUTO_TEST_CASE(yarn_keeps_slows_and_raises_the_temperature) {
  rope_settings s{.kind = rope_kind::yarn,
                  .size = 128,
                  .theta = 1000000,
                  .factor = 4,
                  .original_context = 32768};
  const auto plain = rope_frequencies({.size = 128, .theta = 1000000}, 1);
  const auto f = rope_frequencies(s, 1);
  BOOST_TEST(f.front() == plain.front());
  BOOST_TEST(f.back() == plain.back() / 4);
  BOOST_TEST(rope_attention_factor(s) == 0.1 * std::log(4.0) + 1);
  s.mscale = s.mscale_all_dims = 1;
  BOOST_TEST(rope_attention_factor(s) == 1);
  BOOST_TEST(rope_score_factor(s) == std::pow(0.1 * std::log(4.0) + 1, 2));
  s.attention_factor = 1.5;
  BOOST_TEST(rope_attention_factor(s) == 1.5);
  BOOST_TEST(rope_attention_factor({.size = 8}) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
