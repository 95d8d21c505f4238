#pragma once
// Model folders with seeded random weights: small, of every family, with nothing at its default.

#include "model/augment.hpp"
#include "model/safetensors.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temporary_folder.hpp"

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

  random_weights(const boost::json::object& config, std::uint64_t seed) : random_(seed) {
    auto size = [&](const char* key) { return config.at(key).to_number<std::int64_t>(); };
    auto set = [&](const char* key) { return config.contains(key) && config.at(key).as_bool(); };
    const std::string type(config.at("model_type").as_string());
    const auto hidden = size("hidden_size"), head = size("head_dim");
    const auto query = size("num_attention_heads") * head;
    const auto key = size("num_key_value_heads") * head, wide = size("intermediate_size");
    const bool biases = set("attention_bias");
    add("model.embed_tokens.weight", {size("vocab_size"), hidden}, 1);
    add("model.norm.weight", {hidden}, 0.2, 1);
    if (!set("tie_word_embeddings")) matrix("lm_head", size("vocab_size"), hidden, false);
    for (std::int64_t i = 0; i < size("num_hidden_layers"); ++i) {
      const std::string at = "model.layers." + std::to_string(i) + ".";
      add(at + "input_layernorm.weight", {hidden}, 0.2, 1);
      add(at + "post_attention_layernorm.weight", {hidden}, 0.2, 1);
      matrix(at + "self_attn.q_proj", query, hidden, biases || type == "qwen2");
      matrix(at + "self_attn.k_proj", key, hidden, biases || type == "qwen2");
      matrix(at + "self_attn.v_proj", key, hidden, biases || type == "qwen2");
      matrix(at + "self_attn.o_proj", hidden, query, biases);
      if (type == "qwen3") {
        add(at + "self_attn.q_norm.weight", {head}, 0.3, 1);
        add(at + "self_attn.k_norm.weight", {head}, 0.3, 1);
      }
      matrix(at + "mlp.gate_proj", wide, hidden, set("mlp_bias"));
      matrix(at + "mlp.up_proj", wide, hidden, set("mlp_bias"));
      matrix(at + "mlp.down_proj", hidden, wide, set("mlp_bias"));
    }
  }

 private:
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

inline void write_model(const std::filesystem::path& folder, const boost::json::object& config,
                        const random_weights& weights) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "config.json") << boost::json::serialize(config);
  write_small_tokenizer(folder / "tokenizer.bin");
  std::vector<tensor_view> views;
  for (auto& [name, t] : weights.tensors)
    views.push_back({name, tensor_type::f32, t.shape, std::as_bytes(std::span(t.values))});
  BOOST_REQUIRE(write_safetensors(folder / "model.safetensors", views, {}));
}

}  // namespace troupe::test
