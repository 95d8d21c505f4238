#pragma once
// The decoder of decoder.hpp as it is trained: whole batches, gradients, no cache.

#include "model/model_config.hpp"

#include "model/torch/torch.hpp"

namespace troupe {

class lm_network {
 public:
  /// Weights drawn from `seed`: normal, narrower where a layer adds to the residual.
  lm_network(const model_config& config, std::uint64_t seed);

  /// The names under which it loads them. All require gradients, float32.
  const std::vector<std::pair<std::string, torch::Tensor>>& parameters() const noexcept {
    return parameters_;
  }

  /// `ids`: int64 [batch, length]. The last layer's states, normalised: [batch, length, hidden].
  torch::Tensor states(const torch::Tensor& ids) const;
  /// `states`: [n, hidden] → [n, vocabulary].
  torch::Tensor logits(const torch::Tensor& states) const;

 private:
  torch::Tensor add(const std::string& name, torch::Tensor value);
  torch::Tensor attend(const torch::Tensor& x, std::size_t layer) const;
  torch::Tensor normalise(const torch::Tensor& x, const torch::Tensor& weight) const;
  torch::Tensor rotate(const torch::Tensor& x) const;

  struct block {
    torch::Tensor attention_norm, query, key, value, output, mlp_norm, gate, up, down;
  };
  model_config config_;
  std::vector<std::pair<std::string, torch::Tensor>> parameters_;
  torch::Tensor embedding_, norm_;
  std::vector<block> blocks_;
  torch::Tensor cosines_, sines_;  ///< [context, head_size / 2]
};

}  // namespace troupe
