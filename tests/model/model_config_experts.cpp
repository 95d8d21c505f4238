#include "model/model_config.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe;
namespace json = boost::json;

namespace {

/// As DeepSeek-V3's own file, with fewer layers and experts.
json::object v3() {
  return {{"model_type", "deepseek_v3"},
          {"architectures", {"DeepseekV3ForCausalLM"}},
          {"attention_bias", false},
          {"first_k_dense_replace", 3},
          {"hidden_act", "silu"},
          {"hidden_size", 7168},
          {"intermediate_size", 18432},
          {"kv_lora_rank", 512},
          {"max_position_embeddings", 163840},
          {"moe_intermediate_size", 2048},
          {"moe_layer_freq", 1},
          {"n_group", 8},
          {"n_routed_experts", 64},
          {"n_shared_experts", 1},
          {"norm_topk_prob", true},
          {"num_attention_heads", 128},
          {"num_experts_per_tok", 8},
          {"num_hidden_layers", 5},
          {"num_key_value_heads", 128},
          {"num_nextn_predict_layers", 1},
          {"q_lora_rank", 1536},
          {"qk_nope_head_dim", 128},
          {"qk_rope_head_dim", 64},
          {"quantization_config",
           {{"activation_scheme", "dynamic"},
            {"fmt", "e4m3"},
            {"quant_method", "fp8"},
            {"weight_block_size", {128, 128}}}},
          {"rms_norm_eps", 1e-6},
          {"rope_scaling",
           {{"beta_fast", 32},
            {"beta_slow", 1},
            {"factor", 40},
            {"mscale", 1.0},
            {"mscale_all_dim", 1.0},
            {"original_max_position_embeddings", 4096},
            {"type", "yarn"}}},
          {"rope_theta", 10000},
          {"routed_scaling_factor", 2.5},
          {"scoring_func", "sigmoid"},
          {"tie_word_embeddings", false},
          {"topk_group", 4},
          {"topk_method", "noaux_tc"},
          {"v_head_dim", 128},
          {"vocab_size", 129280}};
}

/// As DeepSeek-V2-Lite's, where it differs.
json::object v2() {
  json::object o = v3();
  o["model_type"] = "deepseek_v2";
  o["architectures"] = json::array{"DeepseekV2ForCausalLM"};
  o["q_lora_rank"] = nullptr;
  o["scoring_func"] = "softmax";
  o["topk_method"] = "greedy";
  o["norm_topk_prob"] = false;
  o["n_group"] = 1;
  o["topk_group"] = 1;
  o.erase("quantization_config");
  return o;
}

json::object qwen3() {
  return {{"model_type", "qwen3_moe"}, {"hidden_size", 64},           {"intermediate_size", 172},
          {"num_hidden_layers", 6},    {"num_attention_heads", 8},    {"num_key_value_heads", 4},
          {"vocab_size", 512},         {"moe_intermediate_size", 24}, {"num_experts", 8},
          {"num_experts_per_tok", 2},  {"norm_topk_prob", true}};
}

model_config read(json::object o, const json::object& more = {}) {
  for (auto& [key, v] : more) o[key] = v;
  auto c = parse_model_config(json::serialize(o), "config.json");
  BOOST_REQUIRE_MESSAGE(c.has_value(), (c ? "" : c.error().message));
  return *std::move(c);
}

bool refuses(json::object o, const char* key, const json::value& v, const std::string& what) {
  o[key] = v;
  const auto c = parse_model_config(json::serialize(o), "config.json");
  return !c && c.error().message.find("`" + std::string(key) + "` " + what) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_experts)

BOOST_AUTO_TEST_CASE(a_deepseek_v3_file_is_read) {
  const auto c = read(v3());
  BOOST_REQUIRE((c.latent && c.experts));
  BOOST_TEST(c.latent->query_rank == 1536);
  BOOST_TEST(c.latent->rank == 512);
  BOOST_TEST(c.latent->interleaved);
  BOOST_TEST(c.head_size == 192);
  BOOST_TEST(c.rope.size == 64);
  BOOST_TEST(c.context == 163840);
  BOOST_TEST(c.scale_rows == 128);
  BOOST_TEST((c.experts->scores == expert_scores::sigmoid));
  BOOST_TEST((c.experts->ranking == group_ranking::best_two));
  BOOST_TEST((c.experts->corrected && c.experts->normalised));
  BOOST_TEST(c.experts->scale == 2.5);
  BOOST_TEST(c.experts->shared == 2048);
  BOOST_TEST((c.experts->layers == std::vector<bool>{false, false, false, true, true}));
}

BOOST_AUTO_TEST_CASE(a_deepseek_v2_file_is_read) {
  const auto c = read(v2());
  BOOST_REQUIRE((c.latent && c.experts));
  BOOST_TEST(c.latent->query_rank == 0);
  BOOST_TEST((c.experts->scores == expert_scores::softmax));
  BOOST_TEST((c.experts->ranking == group_ranking::none));
  BOOST_TEST((!c.experts->corrected && !c.experts->normalised));
  const auto groups =
      read(v2(), {{"topk_method", "group_limited_greedy"}, {"n_group", 8}, {"topk_group", 3}});
  BOOST_TEST((groups.experts->ranking == group_ranking::best));
  BOOST_TEST(groups.experts->chosen_groups == 3);
  // Its definition scales weights or makes them add up, not both.
  BOOST_TEST(read(v2(), {{"norm_topk_prob", true}}).experts->scale == 1);
  BOOST_TEST(!read(v2(), {{"n_routed_experts", nullptr}}).experts.has_value());
}

BOOST_AUTO_TEST_CASE(experts_that_the_decoder_does_not_choose_so_are_refused_by_name) {
  BOOST_TEST(refuses(v3(), "scoring_func", "softmax", "= \"softmax\" is not supported"));
  BOOST_TEST(refuses(v3(), "topk_method", "greedy", "= \"greedy\" is not supported"));
  BOOST_TEST(refuses(v2(), "scoring_func", "sigmoid", "= \"sigmoid\" is not supported"));
  BOOST_TEST(refuses(v2(), "topk_method", "noaux_tc", "= \"noaux_tc\" is not supported"));
  BOOST_TEST(refuses(v2(), "mlp_bias", true, "= true is not supported"));
  BOOST_TEST(refuses(v3(), "n_group", 7, "does not divide"));
  BOOST_TEST(refuses(v3(), "n_group", 64, "leaves less than two"));
  BOOST_TEST(refuses(v3(), "topk_group", 9, "is above `n_group`"));
  BOOST_TEST(refuses(v3(), "num_experts_per_tok", 65, "is above `n_routed_experts`"));
  BOOST_TEST(refuses(v3(), "num_experts_per_tok", 33, "is more than `topk_group` groups hold"));
  BOOST_TEST(refuses(v3(), "kv_lora_rank", nullptr, "is missing"));
  BOOST_TEST(refuses(v3(), "qk_rope_head_dim", 63, "is odd"));
  auto o = v3();
  o.erase("q_lora_rank");
  BOOST_TEST(!parse_model_config(json::serialize(o), "config.json").has_value());
}

BOOST_AUTO_TEST_CASE(qwen_files_say_which_layers_have_experts) {
  const auto all = read(qwen3());
  BOOST_TEST((all.experts->layers == std::vector<bool>(6, true)));
  BOOST_TEST((all.head_norms && all.head_size == 8 && all.experts->shared == 0));
  const auto some = read(qwen3(), {{"decoder_sparse_step", 2}, {"mlp_only_layers", {3}}});
  BOOST_TEST((some.experts->layers == std::vector<bool>{false, true, false, false, false, true}));
  BOOST_TEST(refuses(qwen3(), "mlp_only_layers", {6}, "names a layer that is not there"));
  const auto qwen2 =
      read(qwen3(), {{"model_type", "qwen2_moe"}, {"shared_expert_intermediate_size", 40}});
  BOOST_TEST((qwen2.experts->shared == 40 && qwen2.experts->shared_is_gated));
  BOOST_TEST((qwen2.qkv_bias && !qwen2.output_bias && !qwen2.head_norms));
}

BOOST_AUTO_TEST_SUITE_END()
