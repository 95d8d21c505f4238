#pragma once
// Model folders with seeded random weights: small, of every family, with nothing at its default.

#include "model/augment.hpp"
#include "model/safetensors.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temporary_folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

namespace troupe::test {

inline constexpr std::int64_t random_vocabulary = 320;

/// A config.json of a small model; `more` is put over it.
inline boost::json::object small_config(const std::string& type, const std::string& architecture,
                                        const boost::json::object& more = {}) {
  boost::json::object o = {{"model_type", type},
                           {"architectures", boost::json::array{architecture}},
                           {"hidden_size", 48},
                           {"intermediate_size", 112},
                           {"num_hidden_layers", 3},
                           {"num_attention_heads", 6},
                           {"num_key_value_heads", 2},
                           {"head_dim", 16},
                           {"vocab_size", random_vocabulary},
                           {"max_position_embeddings", 96},
                           {"rms_norm_eps", 1e-5},
                           {"rope_theta", 1000.0}};
  for (auto& [key, v] : more) o[key] = v;
  return o;
}

/// The tensors of a config, by name, in the order of their names.
struct random_weights {
  struct tensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
  };
  std::map<std::string, tensor> tensors;

  random_weights(const boost::json::object& c, std::uint64_t seed) : config_(c), random_(seed) {
    const auto hidden = size("hidden_size");
    add("model.embed_tokens.weight", {size("vocab_size"), hidden}, 1);
    add("model.norm.weight", {hidden}, 0.2, 1);
    if (!set("tie_word_embeddings")) matrix("lm_head", size("vocab_size"), hidden, false);
    for (std::int64_t i = 0; i < size("num_hidden_layers"); ++i) {
      const std::string at = "model.layers." + std::to_string(i) + ".";
      add(at + "input_layernorm.weight", {hidden}, 0.2, 1);
      add(at + "post_attention_layernorm.weight", {hidden}, 0.2, 1);
      if (has("kv_lora_rank"))
        latent_attention(at + "self_attn.");
      else
        attention(at + "self_attn.");
      if (has_experts(i))
        experts(at + "mlp.");
      else
        mlp(at + "mlp.", size("intermediate_size"), set("mlp_bias"));
    }
  }

 private:
  std::int64_t size(const char* key) const { return config_.at(key).to_number<std::int64_t>(); }
  bool has(const char* key) const { return config_.contains(key) && !config_.at(key).is_null(); }
  bool set(const char* key) const { return has(key) && config_.at(key).as_bool(); }
  std::string type() const { return std::string(config_.at("model_type").as_string()); }

  bool has_experts(std::int64_t layer) const {
    if (has("n_routed_experts"))
      return layer >= size("first_k_dense_replace") && layer % size("moe_layer_freq") == 0;
    if (!has("num_experts")) return false;
    const auto& dense = config_.at("mlp_only_layers").as_array();
    return std::ranges::find(dense, boost::json::value(layer)) == dense.end();
  }

  void attention(const std::string& at) {
    const auto hidden = size("hidden_size"), head = size("head_dim");
    const auto query = size("num_attention_heads") * head;
    const auto key = size("num_key_value_heads") * head;
    const bool biases = set("attention_bias"), inner = biases || type().starts_with("qwen2");
    matrix(at + "q_proj", query, hidden, inner);
    matrix(at + "k_proj", key, hidden, inner);
    matrix(at + "v_proj", key, hidden, inner);
    matrix(at + "o_proj", hidden, query, biases);
    if (!type().starts_with("qwen3")) return;
    add(at + "q_norm.weight", {head}, 0.3, 1);
    add(at + "k_norm.weight", {head}, 0.3, 1);
  }

  void latent_attention(const std::string& at) {
    const auto hidden = size("hidden_size"), heads = size("num_attention_heads");
    const auto plain = size("qk_nope_head_dim"), rotary = size("qk_rope_head_dim");
    const auto rank = size("kv_lora_rank"), value = size("v_head_dim");
    const bool biases = set("attention_bias");
    if (has("q_lora_rank")) {
      matrix(at + "q_a_proj", size("q_lora_rank"), hidden, biases);
      add(at + "q_a_layernorm.weight", {size("q_lora_rank")}, 0.3, 1);
      matrix(at + "q_b_proj", heads * (plain + rotary), size("q_lora_rank"), false);
    } else {
      matrix(at + "q_proj", heads * (plain + rotary), hidden, false);
    }
    matrix(at + "kv_a_proj_with_mqa", rank + rotary, hidden, biases);
    add(at + "kv_a_layernorm.weight", {rank}, 0.3, 1);
    matrix(at + "kv_b_proj", heads * (plain + value), rank, false);
    matrix(at + "o_proj", hidden, heads * value, biases);
  }

  void mlp(const std::string& at, std::int64_t wide, bool biases) {
    matrix(at + "gate_proj", wide, size("hidden_size"), biases);
    matrix(at + "up_proj", wide, size("hidden_size"), biases);
    matrix(at + "down_proj", size("hidden_size"), wide, biases);
  }

  void experts(const std::string& at) {
    const auto count = size(has("num_experts") ? "num_experts" : "n_routed_experts");
    matrix(at + "gate", count, size("hidden_size"), false);
    if (type() == "deepseek_v3") add(at + "gate.e_score_correction_bias", {count}, 0.3);
    for (std::int64_t e = 0; e < count; ++e)
      mlp(at + "experts." + std::to_string(e) + ".", size("moe_intermediate_size"), false);
    if (has("n_shared_experts"))
      mlp(at + "shared_experts.", size("n_shared_experts") * size("moe_intermediate_size"), false);
    if (type() != "qwen2_moe") return;
    mlp(at + "shared_expert.", size("shared_expert_intermediate_size"), false);
    matrix(at + "shared_expert_gate", 1, size("hidden_size"), false);
  }

  void matrix(const std::string& name, std::int64_t outputs, std::int64_t inputs, bool bias) {
    add(name + ".weight", {outputs, inputs}, 1.5 / std::sqrt(static_cast<double>(inputs)));
    if (bias) add(name + ".bias", {outputs}, 0.5);
  }

  void add(const std::string& name, std::vector<std::int64_t> shape, double spread,
           double middle = 0) {
    std::size_t count = 1;
    for (auto n : shape) count *= static_cast<std::size_t>(n);
    tensor t{std::move(shape), std::vector<float>(count)};
    // Twelve uniform numbers add up to a nearly normal one.
    for (float& x : t.values) {
      double sum = -6;
      for (int i = 0; i < 12; ++i) sum += random_.uniform();
      x = static_cast<float>(middle + spread * sum);
    }
    tensors.emplace(name, std::move(t));
  }

  boost::json::object config_;
  random_source random_;
};

/// A vocabulary in llama2.c's format: controls, bytes, and pieces of two letters.
inline void write_small_tokenizer(const std::filesystem::path& file) {
  std::ofstream out(file, std::ios::binary);
  auto number = [&](std::int32_t n) { out.write(reinterpret_cast<const char*>(&n), 4); };
  number(6);
  for (std::int32_t i = 0; i < random_vocabulary; ++i) {
    std::string text = i == 0 ? "<unk>" : i == 1 ? "<s>" : i == 2 ? "</s>" : "";
    if (i >= 3 && i < 259) {
      char byte[8];
      std::snprintf(byte, sizeof byte, "<0x%02X>", static_cast<unsigned>(i - 3));
      text = byte;
    } else if (i >= 259) {
      text = {static_cast<char>('a' + (i - 259) / 8), static_cast<char>('a' + (i - 259) % 8)};
    }
    const float score = -static_cast<float>(i);
    out.write(reinterpret_cast<const char*>(&score), 4);
    number(static_cast<std::int32_t>(text.size()));
    out << text;
  }
}

/// Tensors that `float8` names are written as its bytes.
inline void write_model(const std::filesystem::path& folder, const boost::json::object& config,
                        const random_weights& weights,
                        const std::map<std::string, std::vector<std::uint8_t>>& float8 = {}) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "config.json") << boost::json::serialize(config);
  write_small_tokenizer(folder / "tokenizer.bin");
  std::vector<tensor_view> views;
  for (auto& [name, t] : weights.tensors) {
    const auto bits = float8.find(name);
    if (bits == float8.end())
      views.push_back({name, tensor_type::f32, t.shape, std::as_bytes(std::span(t.values))});
    else
      views.push_back(
          {name, tensor_type::f8_e4m3, t.shape, std::as_bytes(std::span(bits->second))});
  }
  BOOST_REQUIRE(write_safetensors(folder / "model.safetensors", views, {}));
}

}  // namespace troupe::test
