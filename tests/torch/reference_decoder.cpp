#include "tests/torch/reference_decoder.hpp"

#include "tests/torch/reference_parts.hpp"

namespace troupe::test {

using vec = reference::vec;

vec reference::linear(const std::string& name, const vec& x) const {
  const auto& w = *find(name + ".weight");
  const auto* bias = find(name + ".bias");
  vec out(static_cast<std::size_t>(w.shape[0]));
  for (std::size_t o = 0; o < out.size(); ++o) {
    out[o] = bias ? bias->values[o] : 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) out[o] += x[i] * w.values[o * x.size() + i];
  }
  return out;
}

void reference::normalise(const std::string& name, double* x, std::size_t n, double epsilon) const {
  const auto* w = find(name + ".weight");
  if (!w) return;
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) squares += x[i] * x[i];
  const double by = 1 / std::sqrt(squares / static_cast<double>(n) + epsilon);
  for (std::size_t i = 0; i < n; ++i) x[i] *= by * w->values[i];
}

vec reference::scores(const std::vector<std::int64_t>& ids) const {
  const std::size_t hidden = size("hidden_size");
  const double epsilon = number("rms_norm_eps");
  const auto& embedding = *find("model.embed_tokens.weight");
  rows x;
  for (auto id : ids) {
    const auto row = embedding.values.begin() + id * static_cast<std::int64_t>(hidden);
    x.emplace_back(row, row + static_cast<std::int64_t>(hidden));
  }
  for (std::size_t i = 0; i < size("num_hidden_layers"); ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    auto normal = x;
    for (auto& row : normal) normalise(at + "input_layernorm", row.data(), hidden, epsilon);
    const auto seen = has("kv_lora_rank") ? latent_attention(at + "self_attn.", normal)
                                          : attention(at + "self_attn.", normal);
    for (std::size_t p = 0; p < x.size(); ++p) {
      for (std::size_t d = 0; d < hidden; ++d) x[p][d] += seen[p][d];
      auto row = x[p];
      normalise(at + "post_attention_layernorm", row.data(), hidden, epsilon);
      const auto more = has_experts(i) ? experts(at + "mlp.", row) : mlp(at + "mlp.", row);
      for (std::size_t d = 0; d < hidden; ++d) x[p][d] += more[d];
    }
  }
  normalise("model.norm", x.back().data(), hidden, epsilon);
  if (find("lm_head.weight")) return linear("lm_head", x.back());
  vec out(static_cast<std::size_t>(embedding.shape[0]));
  for (std::size_t o = 0; o < out.size(); ++o)
    for (std::size_t d = 0; d < hidden; ++d)
      out[o] += embedding.values[o * hidden + d] * x.back()[d];
  return out;
}

std::vector<double> reference_scores(const boost::json::object& config,
                                     const random_weights& weights,
                                     const std::vector<std::int64_t>& ids, std::size_t prompt) {
  return reference{config, weights, prompt}.scores(ids);
}

}  // namespace troupe::test
