#pragma once
// A layer of experts: MLPs of which a router chooses some for each token, and one that all tokens
// use (DeepSeekMoE, 2024; DeepSeek-V3, 2024; Qwen2-MoE and Qwen3-MoE).

#include "model/model_config.hpp"
#include "model/torch/linear.hpp"

namespace troupe {

/// silu(gate) * up, and down again.
struct gated_mlp {
  linear_layer gate_up;  ///< its products are gated
  linear_layer down;

  /// `x`: [rows, hidden]. Gives `x`'s type, or `type`.
  torch::Tensor operator()(const torch::Tensor& x) const { return apply(x, x.scalar_type()); }
  torch::Tensor apply(const torch::Tensor& x, at::ScalarType type) const;
  std::int64_t bytes() const noexcept { return gate_up.bytes() + down.bytes(); }
};

/// `at`: what the names of its tensors begin with.
gated_mlp load_gated_mlp(const linear_loader& load, const std::string& at, std::int64_t hidden,
                         std::int64_t intermediate, bool bias);

/// Which experts get each token, and how much of its result each has.
struct routing {
  torch::Tensor experts;  ///< [rows, chosen], int64
  torch::Tensor weights;  ///< [rows, chosen], float32
};

/// `logits`: [rows, experts], float32. `correction`: [experts], or undefined. Runs where they are,
/// and waits for nothing.
routing choose_experts(const torch::Tensor& logits, const torch::Tensor& correction,
                       const expert_settings& settings);

class expert_mlp {
 public:
  expert_mlp() = default;
  /// Look at the loader's failure after it.
  expert_mlp(const linear_loader& load, const model_config& config, const std::string& at);

  /// `x`: [rows, hidden], normalised. Gives the same shape.
  torch::Tensor operator()(const torch::Tensor& x) const;

  std::int64_t bytes() const noexcept;

 private:
  torch::Tensor each_with_its_rows(const torch::Tensor& x, const routing& r) const;
  torch::Tensor weights_of_each_row(const torch::Tensor& x, const routing& r) const;
  torch::Tensor all_with_all_rows(const torch::Tensor& x, const routing& r) const;

  expert_settings settings_;
  linear_layer router_;       ///< float32
  torch::Tensor correction_;  ///< float32
  std::vector<gated_mlp> experts_;
  torch::Tensor gate_up_, down_;  ///< the experts' weights one behind the other, if as they were
  gated_mlp shared_;
  linear_layer shared_gate_;
};

}  // namespace troupe
