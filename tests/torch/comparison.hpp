#pragma once
// Local engines beside the reference decoder.

#include "model/api.hpp"
#include "tests/torch/reference_decoder.hpp"

#include <algorithm>

namespace troupe::test {

struct model_shape {
  std::string name;
  boost::json::object config;
};

inline std::shared_ptr<language_model> open_model(const std::filesystem::path& folder,
                                                  const engine_options& options = {
                                                      .device = "cpu"}) {
  auto e = troupe_model_module()->load_engine(folder, options);
  BOOST_REQUIRE_MESSAGE(e.has_value(), (e ? "" : e.error().message));
  return *e;
}

/// A random model in a folder of its own, opened.
struct random_engine {
  explicit random_engine(boost::json::object c, const engine_options& options = {.device = "cpu"},
                         std::uint64_t seed = 21)
      : config(std::move(c)), weights(config, seed) {
    write_model(folder.path(), config, weights);
    model = open_model(folder.path(), options);
  }
  temporary_folder folder;
  boost::json::object config;
  random_weights weights;
  std::shared_ptr<language_model> model;
};

inline std::size_t best_of(const std::vector<double>& scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

inline double log_probability_of(const std::vector<double>& scores, std::size_t id) {
  double sum = 0;
  for (double s : scores) sum += std::exp(s - scores[id]);
  return -std::log(sum);
}

inline std::vector<token_id> some_prompt(std::size_t length, std::uint64_t seed) {
  random_source random(seed);
  std::vector<token_id> out;
  while (out.size() < length)
    out.push_back(static_cast<token_id>(random.uniform() * random_vocabulary));
  return out;
}

/// Whether `got` is what the reference decoder would say after `ids`, token by token.
inline void check_greedy(const random_engine& e, std::vector<token_id> ids, const completion& got) {
  const std::size_t prompt = ids.size();
  double furthest = 0;
  for (std::size_t i = 0; i < got.ids.size(); ++i) {
    const auto scores = reference_scores(e.config, e.weights, ids, prompt);
    const auto best = best_of(scores);
    BOOST_REQUIRE(got.ids[i] == static_cast<token_id>(best));
    furthest =
        std::max(furthest, std::abs(log_probability_of(scores, best) - got.log_probabilities[i]));
    ids.push_back(got.ids[i]);
  }
  BOOST_TEST(furthest < 1e-4);
}

/// Greedy texts of every shape, to the last token.
inline void compare_with_reference(const std::vector<model_shape>& shapes,
                                   const engine_options& options) {
  std::uint64_t seed = 100;
  for (auto& [name, config] : shapes) {
    BOOST_TEST_CONTEXT(name) {
      const random_engine e(config, options, ++seed);
      const std::vector<token_id> ids = {1, 70, 300, 12, 265, 265, 31};
      const auto got = e.model->complete({.ids = ids, .max_tokens = 48});
      BOOST_REQUIRE(got.has_value());
      BOOST_REQUIRE(got->ids.size() == 48u);
      check_greedy(e, ids, *got);
    }
  }
}

/// How far off the first token's log-probability is on average, in a coarser precision.
inline double mean_distance(const std::vector<model_shape>& shapes, const engine_options& options) {
  double sum = 0;
  int count = 0;
  for (auto& [name, config] : shapes) {
    const random_engine e(config, options, 300);
    for (token_id i = 0; i < 20; ++i) {
      const std::vector<token_id> ids = {1, 40 + i, 200 + i, 7 * i + 3, 90, 3 * i + 17};
      const auto got = e.model->complete({.ids = ids, .max_tokens = 1});
      BOOST_REQUIRE(got.has_value());
      const auto scores = reference_scores(e.config, e.weights, ids, ids.size());
      sum += std::abs(log_probability_of(scores, static_cast<std::size_t>(got->ids.at(0))) -
                      got->log_probabilities.at(0));
      ++count;
    }
  }
  return sum / count;
}

}  // namespace troupe::test
