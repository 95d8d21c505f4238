#include "model/cpu_linear.hpp"
#include "tests/torch/comparison.hpp"

using namespace troupe;
namespace json = boost::json;

namespace {

std::vector<test::model_shape> shapes() {
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
      {"yarn positions with every setting", scaled({{"rope_type", "yarn"},
                                                    {"factor", 4.0},
                                                    {"beta_fast", 16},
                                                    {"beta_slow", 2},
                                                    {"truncate", false},
                                                    {"attention_factor", 1.25},
                                                    {"original_max_position_embeddings", 256}},
                                                   1024)},
      {"qwen2", test::small_config("qwen2", "Qwen2ForCausalLM", {{"tie_word_embeddings", true}})},
      {"qwen3", test::small_config("qwen3", "Qwen3ForCausalLM")},
      {"qwen3 with biases",
       test::small_config("qwen3", "Qwen3ForCausalLM", {{"attention_bias", true}})}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decoders)

BOOST_AUTO_TEST_CASE(every_family_agrees_with_the_reference_to_the_last_greedy_token) {
  test::compare_with_reference(shapes(), {.device = "cpu"});
}

BOOST_AUTO_TEST_CASE(so_it_does_with_the_operations_that_other_devices_run) {
  test::compare_with_reference(shapes(), {.device = "cpu", .cpu_kernels = false});
}

BOOST_AUTO_TEST_CASE(fewer_bits_come_as_near_as_their_number_allows) {
  const double coarse =
      test::mean_distance(shapes(), {.device = "cpu", .dtype = engine_dtype::bf16});
  BOOST_TEST(coarse > 0);
  BOOST_TEST(coarse < 0.1);
  BOOST_TEST(test::mean_distance(
                 shapes(), {.device = "cpu", .dtype = engine_dtype::bf16, .cpu_kernels = false}) <
             0.1);
  if (!has_cpu_kernels()) return;
  BOOST_TEST(test::mean_distance(shapes(), {.device = "cpu", .dtype = engine_dtype::int8}) < 0.3);
}

BOOST_AUTO_TEST_CASE(a_long_prompt_is_read_in_parts_as_well_as_at_once) {
  const test::random_engine e(
      test::small_config("qwen3", "Qwen3ForCausalLM", {{"max_position_embeddings", 1024}}));
  const auto ids = test::some_prompt(600, 5);
  const auto got = e.model->complete({.ids = ids, .max_tokens = 1});
  BOOST_REQUIRE(got.has_value());
  test::check_greedy(e, ids, *got);
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
