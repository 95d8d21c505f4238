#include "model/api.hpp"
#include "model/cpu_linear.hpp"
#include "tests/torch/reference_decoder.hpp"

using namespace troupe;
namespace json = boost::json;

namespace {

struct shape {
  std::string name;
  json::object config;
};

std::vector<shape> shapes() {
  auto llama = [](const json::object& more) {
    return test::small_config("llama", "LlamaForCausalLM", more);
  };
  auto scaled = [&](json::object scaling, std::int64_t context = 96) {
    return llama({{"rope_scaling", std::move(scaling)}, {"max_position_embeddings", context}});
  };
  return {
      {"llama", llama({})},
      {"llama, tied, one key head",
       llama({{"tie_word_embeddings", true}, {"num_key_value_heads", 1}})},
      {"llama with biases", llama({{"attention_bias", true}, {"mlp_bias", true}})},
      {"linear positions", scaled({{"rope_type", "linear"}, {"factor", 4.0}})},
      {"dynamic positions", scaled({{"rope_type", "dynamic"}, {"factor", 4.0}}, 16)},
      {"llama3 positions", scaled({{"rope_type", "llama3"},
                                   {"factor", 8.0},
                                   {"low_freq_factor", 1.0},
                                   {"high_freq_factor", 4.0},
                                   {"original_max_position_embeddings", 64}})},
      {"yarn positions",
       scaled({{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 512}},
              2048)},
      {"qwen2", test::small_config("qwen2", "Qwen2ForCausalLM", {{"tie_word_embeddings", true}})},
      {"qwen3", test::small_config("qwen3", "Qwen3ForCausalLM")}};
}

std::size_t best_of(const std::vector<double>& scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

double log_probability_of(const std::vector<double>& scores, std::size_t id) {
  double sum = 0;
  for (double s : scores) sum += std::exp(s - scores[id]);
  return -std::log(sum);
}

std::shared_ptr<language_model> open(const std::filesystem::path& folder,
                                     const engine_options& options = {.device = "cpu"}) {
  auto e = troupe_model_module()->load_engine(folder, options);
  BOOST_REQUIRE_MESSAGE(e.has_value(), (e ? "" : e.error().message));
  return *e;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoders)

void compare_with_reference(const engine_options& options) {
  const test::temporary_folder folder;
  std::uint64_t seed = 100;
  for (auto& [name, config] : shapes()) {
    BOOST_TEST_CONTEXT(name) {
      const test::random_weights weights(config, ++seed);
      test::write_model(folder.path(), config, weights);
      const auto model = open(folder.path(), options);
      std::vector<token_id> ids = {1, 70, 300, 12, 265, 265, 31};
      const std::size_t prompt = ids.size();
      const auto got = model->complete({.ids = ids, .max_tokens = 48});
      BOOST_REQUIRE(got.has_value());
      BOOST_REQUIRE(got->ids.size() == 48u);
      double furthest = 0;
      for (std::size_t i = 0; i < got->ids.size(); ++i) {
        const auto scores = test::reference_scores(config, weights, ids, prompt);
        const auto best = best_of(scores);
        BOOST_REQUIRE(got->ids[i] == static_cast<token_id>(best));
        furthest = std::max(furthest,
                            std::abs(log_probability_of(scores, best) - got->log_probabilities[i]));
        ids.push_back(got->ids[i]);
      }
      BOOST_TEST(furthest < 1e-4);
    }
  }
}

/// How far off the first token's log-probability is on average, in a coarser precision.
double mean_distance(const engine_options& options) {
  double sum = 0;
  int count = 0;
  for (auto& [name, config] : shapes()) {
    const test::temporary_folder folder;
    const test::random_weights weights(config, 300);
    test::write_model(folder.path(), config, weights);
    const auto model = open(folder.path(), options);
    for (token_id i = 0; i < 20; ++i) {
      const std::vector<token_id> ids = {1, 40 + i, 200 + i, 7 * i + 3, 90, 3 * i + 17};
      const auto got = model->complete({.ids = ids, .max_tokens = 1});
      BOOST_REQUIRE(got.has_value());
      const auto scores = test::reference_scores(config, weights, ids, ids.size());
      sum += std::abs(log_probability_of(scores, static_cast<std::size_t>(got->ids.at(0))) -
                      got->log_probabilities.at(0));
      ++count;
    }
  }
  return sum / count;
}

BOOST_AUTO_TEST_CASE(every_family_agrees_with_the_reference_to_the_last_greedy_token) {
  compare_with_reference({.device = "cpu"});
}

BOOST_AUTO_TEST_CASE(so_it_does_with_the_operations_that_other_devices_run) {
  compare_with_reference({.device = "cpu", .cpu_kernels = false});
}

BOOST_AUTO_TEST_CASE(fewer_bits_come_as_near_as_their_number_allows) {
  const double coarse = mean_distance({.device = "cpu", .dtype = engine_dtype::bf16});
  BOOST_TEST(coarse > 0);
  BOOST_TEST(coarse < 0.1);
  BOOST_TEST(mean_distance({.device = "cpu", .dtype = engine_dtype::bf16, .cpu_kernels = false}) <
             0.1);
  if (!has_cpu_kernels()) return;
  BOOST_TEST(mean_distance({.device = "cpu", .dtype = engine_dtype::int8}) < 0.3);
}

BOOST_AUTO_TEST_CASE(a_long_prompt_is_read_in_parts_as_well_as_at_once) {
  const auto config =
      test::small_config("qwen3", "Qwen3ForCausalLM", {{"max_position_embeddings", 1024}});
  const test::random_weights weights(config, 7);
  const test::temporary_folder folder;
  test::write_model(folder.path(), config, weights);
  random_source random(5);
  std::vector<token_id> ids;
  for (int i = 0; i < 600; ++i)
    ids.push_back(static_cast<token_id>(random.uniform() * test::random_vocabulary));
  const auto got = open(folder.path())->complete({.ids = ids, .max_tokens = 1});
  BOOST_REQUIRE(got.has_value());
  const auto scores = test::reference_scores(config, weights, ids, ids.size());
  BOOST_TEST(got->ids.at(0) == static_cast<token_id>(best_of(scores)));
  BOOST_TEST(got->log_probabilities.at(0) == log_probability_of(scores, best_of(scores)),
             boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(a_config_that_is_not_supported_is_refused_before_weights_are_read) {
  const test::temporary_folder folder;
  const auto config = test::small_config("gpt2", "GPT2LMHeadModel");
  std::ofstream(folder.path() / "config.json") << json::serialize(config);
  const auto e = troupe_model_module()->load_engine(folder.path(), {});
  BOOST_REQUIRE(!e.has_value());
  BOOST_TEST(e.error().message.find("`model_type` = \"gpt2\"") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
