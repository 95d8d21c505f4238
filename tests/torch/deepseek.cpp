// DeepSeek-V2 and -V3, and others with experts.

#include "model/cpu_linear.hpp"
#include "model/float8.hpp"
#include "tests/torch/comparison.hpp"

#include <thread>

using namespace troupe;
namespace json = boost::json;

namespace {

json::object with(json::object o, const json::object& more) {
  for (auto& [key, v] : more) o[key] = v;
  return o;
}

json::object deepseek(const std::string& version, const json::object& more = {}) {
  const json::object latent = {{"num_key_value_heads", 6}, {"q_lora_rank", 20},
                               {"kv_lora_rank", 24},       {"qk_nope_head_dim", 12},
                               {"qk_rope_head_dim", 8},    {"v_head_dim", 10}};
  const json::object experts = {{"n_routed_experts", 8},
                                {"num_experts_per_tok", 3},
                                {"moe_intermediate_size", 24},
                                {"n_shared_experts", 2},
                                {"moe_layer_freq", 1},
                                {"first_k_dense_replace", 1},
                                {"routed_scaling_factor", 1.5},
                                {"n_group", 4},
                                {"topk_group", 2}};
  const json::object own = version == "3" ? json::object{{"topk_method", "noaux_tc"},
                                                         {"scoring_func", "sigmoid"},
                                                         {"norm_topk_prob", true}}
                                          : json::object{{"topk_method", "group_limited_greedy"},
                                                         {"scoring_func", "softmax"},
                                                         {"norm_topk_prob", false}};
  const auto o = test::small_config("deepseek_v" + version, "DeepseekV" + version + "ForCausalLM");
  return with(with(with(with(o, latent), experts), own), more);
}

json::object yarn(double mscale, double all) {
  return {{"rope_scaling", json::object{{"rope_type", "yarn"},
                                        {"factor", 4.0},
                                        {"beta_fast", 32},
                                        {"beta_slow", 1},
                                        {"mscale", mscale},
                                        {"mscale_all_dim", all},
                                        {"original_max_position_embeddings", 256}}},
          {"max_position_embeddings", 1024}};
}

std::vector<test::model_shape> deepseek_shapes() {
  const json::object qwen = {{"num_experts", 6},
                             {"num_experts_per_tok", 2},
                             {"moe_intermediate_size", 24},
                             {"mlp_only_layers", json::array{1}}};
  return {{"V2, experts by groups", deepseek("2")},
          {"V2, queries from all numbers, the best experts of all",
           deepseek("2", {{"q_lora_rank", nullptr}, {"topk_method", "greedy"}})},
          {"V2, weights that add up", deepseek("2", {{"norm_topk_prob", true}})},
          {"V2, stretched positions", deepseek("2", yarn(0.707, 0.707))},
          {"V2 without experts",
           deepseek("2", {{"n_routed_experts", nullptr}, {"n_shared_experts", nullptr}})},
          {"V3", deepseek("3")},
          {"V3, stretched positions", deepseek("3", yarn(1.0, 1.0))},
          {"V3, positions stretched unevenly", deepseek("3", yarn(1.0, 0.5))},
          {"V3 with biases, nothing shared",
           deepseek("3", {{"attention_bias", true}, {"n_shared_experts", nullptr}})},
          {"V3, biases without a query rank, halves of pairs apart, weights as they come",
           deepseek("3", {{"attention_bias", true},
                          {"q_lora_rank", nullptr},
                          {"rope_interleave", false},
                          {"norm_topk_prob", false}})},
          {"V3, experts in every other layer",
           deepseek("3", {{"first_k_dense_replace", 0}, {"moe_layer_freq", 2}})},
          {"qwen3_moe", with(test::small_config("qwen3_moe", "Qwen3MoeForCausalLM", qwen),
                             {{"norm_topk_prob", true}})},
          {"qwen2_moe", with(test::small_config("qwen2_moe", "Qwen2MoeForCausalLM", qwen),
                             {{"shared_expert_intermediate_size", 40}})}};
}

/// Every matrix of the layers becomes one of bytes, and what the bytes stand for.
void round_to_float8(test::random_weights& weights, std::int64_t rows, std::int64_t columns,
                     std::map<std::string, std::vector<std::uint8_t>>& bytes) {
  random_source random(8);
  std::map<std::string, test::random_weights::tensor> scales;
  for (auto& [name, t] : weights.tensors) {
    if (t.shape.size() != 2 || !name.starts_with("model.layers.") || name.ends_with("gate.weight"))
      continue;
    const auto height = t.shape[0], width = t.shape[1], across = (width + columns - 1) / columns;
    test::random_weights::tensor s{{(height + rows - 1) / rows, across}, {}};
    for (std::int64_t i = 0; i < s.shape[0] * across; ++i)
      s.values.push_back(static_cast<float>(0.2 + 0.3 * random.uniform()) /
                         std::sqrt(static_cast<float>(width)));
    auto& own = bytes[name];
    for (std::int64_t r = 0; r < height; ++r)
      for (std::int64_t c = 0; c < width; ++c) {
        // Up to 7.5 in size, both signs.
        const auto bits = static_cast<std::uint8_t>(static_cast<int>(random.uniform() * 80) +
                                                    (random.uniform() < 0.5 ? 128 : 0));
        own.push_back(bits);
        t.values[static_cast<std::size_t>(r * width + c)] =
            from_float8(bits) * s.values[static_cast<std::size_t>(r / rows * across + c / columns)];
      }
    scales[name + "_scale_inv"] = std::move(s);
  }
  weights.tensors.merge(scales);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(deepseek_decoders)

BOOST_AUTO_TEST_CASE(every_variant_agrees_with_the_reference_to_the_last_greedy_token) {
  test::compare_with_reference(deepseek_shapes(), {.device = "cpu"});
}

BOOST_AUTO_TEST_CASE(so_it_does_with_the_operations_that_other_devices_run) {
  test::compare_with_reference(deepseek_shapes(), {.device = "cpu", .cpu_kernels = false});
}

BOOST_AUTO_TEST_CASE(fewer_bits_come_as_near_as_their_number_allows) {
  // A token whose experts are nearly as good as others may get the others.
  for (const bool kernels : {true, false}) {
    const double coarse = test::mean_distance(
        deepseek_shapes(), {.device = "cpu", .dtype = engine_dtype::bf16, .cpu_kernels = kernels});
    BOOST_TEST(coarse > 0);
    BOOST_TEST(coarse < 0.15);
  }
  if (!has_cpu_kernels()) return;
  BOOST_TEST(
      test::mean_distance(deepseek_shapes(), {.device = "cpu", .dtype = engine_dtype::int8}) < 0.4);
}

BOOST_AUTO_TEST_CASE(the_cache_holds_the_latent_vector_and_one_rotary_key) {
  // 3 layers of 24 + 8 numbers in float32, in place of 2 * 6 heads of 22: 384 bytes a token.
  const test::random_engine e(deepseek("3", {{"max_position_embeddings", 1024}}),
                              {.device = "cpu", .cache_bytes = 384 * 320});
  BOOST_TEST(e.model->facts().cache_tokens == 320);
}

BOOST_AUTO_TEST_CASE(a_long_prompt_in_parts_and_a_second_turn_that_reuses_it) {
  for (const char* version : {"2", "3"}) {
    const test::random_engine e(deepseek(version, {{"max_position_embeddings", 1024}}));
    auto ids = test::some_prompt(550, 3);
    const auto first = e.model->complete({.ids = ids, .max_tokens = 10});
    BOOST_REQUIRE(first.has_value());
    test::check_greedy(e, ids, *first);
    const auto before = e.model->load().reused_tokens;
    ids.insert(ids.end(), first->ids.begin(), first->ids.end());
    const auto next = e.model->complete({.ids = ids, .max_tokens = 4});
    BOOST_REQUIRE(next.has_value());
    BOOST_TEST(e.model->load().reused_tokens - before == 544);
    test::check_greedy(e, ids, *next);
  }
}

BOOST_AUTO_TEST_CASE(sequences_side_by_side_get_what_the_reference_gives_each) {
  for (const bool kernels : {true, false}) {
    const test::random_engine e(deepseek("3", {{"max_position_embeddings", 256}}),
                                {.device = "cpu", .cpu_kernels = kernels, .batch = 6});
    std::vector<std::vector<token_id>> prompts;
    for (std::size_t i = 0; i < 8; ++i) prompts.push_back(test::some_prompt(1 + 9 * i, i));
    std::vector<result<completion>> got(prompts.size(), completion{});
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < prompts.size(); ++i)
        threads.emplace_back(
            [&, i] { got[i] = e.model->complete({.ids = prompts[i], .max_tokens = 12}); });
    }
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      BOOST_REQUIRE(got[i].has_value());
      test::check_greedy(e, prompts[i], *got[i]);
    }
    BOOST_TEST(e.model->load().blocks_in_use == 0);
  }
}

BOOST_AUTO_TEST_CASE(weights_in_eight_bit_floats_mean_their_values_times_their_blocks_scale) {
  const json::object quantised = {
      {"quantization_config", json::object{{"quant_method", "fp8"},
                                           {"fmt", "e4m3"},
                                           {"activation_scheme", "dynamic"},
                                           {"weight_block_size", {16, 32}}}}};
  for (auto& config :
       {deepseek("3", quantised), test::small_config("qwen3", "Qwen3ForCausalLM", quantised)}) {
    test::random_weights weights(config, 5);
    std::map<std::string, std::vector<std::uint8_t>> bytes;
    round_to_float8(weights, 16, 32, bytes);
    const test::temporary_folder folder;
    test::write_model(folder.path(), config, weights, bytes);
    const auto model = test::open_model(folder.path());
    std::vector<token_id> ids = {1, 70, 300, 12, 265};
    const auto got = model->complete({.ids = ids, .max_tokens = 24});
    BOOST_REQUIRE(got.has_value());
    for (const token_id id : got->ids) {
      BOOST_REQUIRE(id == static_cast<token_id>(
                              test::best_of(test::reference_scores(config, weights, ids, 5))));
      ids.push_back(id);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
