#include "tests/torch/reference_parts.hpp"

#include <algorithm>
#include <numeric>

namespace troupe::test {

namespace {

using vec = reference::vec;

/// The `count` highest of `values`, by index.
std::vector<std::size_t> highest(const vec& values, std::size_t count) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](auto a, auto b) { return values[a] > values[b]; });
  order.resize(count);
  return order;
}

}  // namespace

vec reference::mlp(const std::string& at, const vec& x) const {
  auto gate = linear(at + "gate_proj", x);
  const auto up = linear(at + "up_proj", x);
  for (std::size_t d = 0; d < gate.size(); ++d)
    gate[d] = gate[d] / (1 + std::exp(-gate[d])) * up[d];
  return linear(at + "down_proj", gate);
}

bool reference::has_experts(std::size_t layer) const {
  if (has("n_routed_experts"))
    return layer >= size("first_k_dense_replace", 0) && layer % size("moe_layer_freq", 1) == 0;
  if (!has("num_experts")) return false;
  if (has("mlp_only_layers"))
    for (auto& dense : config.at("mlp_only_layers").as_array())
      if (dense.to_number<std::size_t>() == layer) return false;
  return (layer + 1) % size("decoder_sparse_step", 1) == 0;
}

vec reference::experts(const std::string& at, const vec& x) const {
  const bool v3 = is("model_type", "deepseek_v3");
  vec affinity = linear(at + "gate", x);
  double sum = 0;
  for (double& s : affinity) sum += s = v3 ? 1 / (1 + std::exp(-s)) : std::exp(s);
  if (!v3)
    for (double& s : affinity) s /= sum;

  vec ranked = affinity;
  if (const auto* bias = find(at + "gate.e_score_correction_bias"))
    for (std::size_t e = 0; e < ranked.size(); ++e) ranked[e] += bias->values[e];
  if (v3 || is("topk_method", "group_limited_greedy")) {
    const std::size_t groups = size("n_group"), members = ranked.size() / groups;
    vec of_group(groups);
    for (std::size_t g = 0; g < groups; ++g) {
      vec own(ranked.begin() + static_cast<std::ptrdiff_t>(g * members),
              ranked.begin() + static_cast<std::ptrdiff_t>((g + 1) * members));
      std::ranges::sort(own, std::greater<>());
      of_group[g] = v3 ? own[0] + own[1] : own[0];
    }
    const auto open = highest(of_group, size("topk_group"));
    for (std::size_t e = 0; e < ranked.size(); ++e)
      if (std::ranges::find(open, e / members) == open.end()) ranked[e] = -1e300;
  }
  const auto chosen = highest(ranked, size("num_experts_per_tok"));

  double total = 0;
  for (auto e : chosen) total += affinity[e];
  const double scaled = has("routed_scaling_factor") ? number("routed_scaling_factor") : 1;
  const bool normal = set("norm_topk_prob");
  const bool v2 = is("model_type", "deepseek_v2");
  vec out(x.size());
  for (auto e : chosen) {
    double weight = normal ? affinity[e] / total : affinity[e];
    if (!(v2 && normal)) weight *= scaled;
    const auto more = mlp(at + "experts." + std::to_string(e) + ".", x);
    for (std::size_t d = 0; d < out.size(); ++d) out[d] += weight * more[d];
  }
  const bool qwen = find(at + "shared_expert_gate.weight");
  if (!qwen && !find(at + "shared_experts.down_proj.weight")) return out;
  const auto more = mlp(at + (qwen ? "shared_expert." : "shared_experts."), x);
  const double weight = qwen ? 1 / (1 + std::exp(-linear(at + "shared_expert_gate", x)[0])) : 1;
  for (std::size_t d = 0; d < out.size(); ++d) out[d] += weight * more[d];
  return out;
}

}  // namespace troupe::test
