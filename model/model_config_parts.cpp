#include "model/model_config_parts.hpp"

namespace troupe {

namespace {

expert_settings chosen_of(const config_reader& in, const char* count) {
  expert_settings e;
  e.count = in.size(count);
  e.chosen = in.size("num_experts_per_tok");
  if (e.chosen > e.count) in.fail("num_experts_per_tok", "is above `" + std::string(count) + "`");
  e.intermediate = in.size("moe_intermediate_size");
  return e;
}

void read_groups(const config_reader& in, group_ranking ranking, expert_settings& e) {
  e.ranking = ranking;
  e.groups = in.size("n_group");
  e.chosen_groups = in.size("topk_group");
  if (e.count % e.groups != 0) in.fail("n_group", "does not divide `n_routed_experts`");
  const auto members = e.count / e.groups;
  if (e.chosen_groups > e.groups) in.fail("topk_group", "is above `n_group`");
  if (ranking == group_ranking::best_two && members < 2)
    in.fail("n_group", "leaves less than two experts to a group");
  if (e.chosen > e.chosen_groups * members)
    in.fail("num_experts_per_tok", "is more than `topk_group` groups hold");
}

/// What the two DeepSeek families have in common; nothing if the file names no experts.
std::optional<expert_settings> deepseek_experts(const config_reader& in, const model_config& c) {
  if (!in.find("n_routed_experts")) return std::nullopt;
  auto e = chosen_of(in, "n_routed_experts");
  e.shared = in.count("n_shared_experts", 0) * e.intermediate;
  e.normalised = in.flag("norm_topk_prob");
  e.scale = in.number("routed_scaling_factor", 1);
  const auto dense = in.count("first_k_dense_replace", 0), step = in.size("moe_layer_freq", 1);
  for (std::int64_t i = 0; i < c.layers; ++i) e.layers.push_back(i >= dense && i % step == 0);
  return e;
}

expert_settings qwen_experts(const config_reader& in, const model_config& c) {
  auto e = chosen_of(in, "num_experts");
  e.normalised = in.flag("norm_topk_prob");
  const auto step = in.size("decoder_sparse_step", 1);
  for (std::int64_t i = 0; i < c.layers; ++i) e.layers.push_back((i + 1) % step == 0);
  if (const auto* dense = in.find("mlp_only_layers")) {
    const auto* list = dense->if_array();
    if (!list) in.fail("mlp_only_layers", "is no list");
    for (auto& i : *list) {
      if (!i.is_int64() || i.get_int64() < 0 || i.get_int64() >= c.layers)
        in.fail("mlp_only_layers", "names a layer that is not there");
      e.layers[static_cast<std::size_t>(i.get_int64())] = false;
    }
  }
  return e;
}

}  // namespace

void read_latent(const config_reader& in, model_config& c) {
  latent_settings l;
  // Null says that queries are not compressed; a file without the key says nothing.
  l.query_rank = in.has("q_lora_rank") ? in.size("q_lora_rank", 0) : in.size("q_lora_rank");
  l.rank = in.size("kv_lora_rank");
  l.plain_size = in.size("qk_nope_head_dim");
  l.rotary_size = in.size("qk_rope_head_dim");
  l.value_size = in.size("v_head_dim");
  l.interleaved = in.flag("rope_interleave", true);
  if (l.rotary_size % 2 != 0) in.fail("qk_rope_head_dim", "is odd");
  in.refuse_unless(!in.flag("mlp_bias"), "mlp_bias");
  c.head_size = l.plain_size + l.rotary_size;
  c.kv_heads = c.heads;
  c.latent = l;
}

void read_deepseek_v2_experts(const config_reader& in, model_config& c) {
  auto e = deepseek_experts(in, c);
  if (!e) return;
  in.refuse_unless(!in.find("scoring_func") || in.is_text("scoring_func", "softmax"),
                   "scoring_func");
  if (in.is_text("topk_method", "group_limited_greedy"))
    read_groups(in, group_ranking::best, *e);
  else
    in.refuse_unless(!in.find("topk_method") || in.is_text("topk_method", "greedy"), "topk_method");
  // Its definition does one or the other.
  if (e->normalised && e->chosen > 1)
    e->scale = 1;
  else
    e->normalised = false;
  c.experts = std::move(e);
}

void read_deepseek_v3_experts(const config_reader& in, model_config& c) {
  auto e = deepseek_experts(in, c);
  if (!e) return;
  in.refuse_unless(!in.find("scoring_func") || in.is_text("scoring_func", "sigmoid"),
                   "scoring_func");
  in.refuse_unless(!in.find("topk_method") || in.is_text("topk_method", "noaux_tc"), "topk_method");
  read_groups(in, group_ranking::best_two, *e);
  e->scores = expert_scores::sigmoid;
  e->corrected = true;
  e->normalised = in.flag("norm_topk_prob", true);
  c.experts = std::move(e);
}

void read_qwen2_experts(const config_reader& in, model_config& c) {
  auto e = qwen_experts(in, c);
  e.shared = in.size("shared_expert_intermediate_size");
  e.shared_is_gated = true;
  c.qkv_bias = in.flag("qkv_bias", true);
  c.experts = std::move(e);
}

void read_qwen3_experts(const config_reader& in, model_config& c) {
  c.experts = qwen_experts(in, c);
}

}  // namespace troupe
