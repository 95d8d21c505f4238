#pragma once
// Multi-head latent attention (DeepSeek-V2, 2024) over its compressed cache. A position leaves one
// latent vector and one rotary key for all heads; no key or value is ever made of them. In place of
// that each query is taken to the latent vectors' space, and what attention mixes there is taken
// back: then all heads share one key, which is also the value.

#include "model/model_config.hpp"
#include "model/torch/attention.hpp"
#include "model/torch/linear.hpp"

namespace troupe {

/// A matrix of its own for each head.
class head_products {
 public:
  head_products() = default;
  /// `weights`: [heads, outputs, inputs].
  explicit head_products(torch::Tensor weights) : weights_(std::move(weights)) {}

  /// `x`: [rows, heads, inputs], no gaps between a head's elements. Gives [rows, heads, outputs],
  /// float32.
  torch::Tensor operator()(const torch::Tensor& x) const;

  std::int64_t bytes() const noexcept;

 private:
  torch::Tensor weights_;
};

class latent_attention {
 public:
  latent_attention() = default;
  /// `at`: what the names of the layer's tensors begin with. Look at the loader's failure after it.
  latent_attention(const linear_loader& load, const model_config& config, const std::string& at);

  /// Elements that one position takes in a cache.
  static std::int64_t cached(const latent_settings& l) { return l.rank + l.rotary_size; }

  /// `x`: [rows, hidden], normalised. `cache.keys`: [slots, 1, cached]; `cache.values` are the same
  /// tensor. Gives [rows, hidden].
  torch::Tensor operator()(const torch::Tensor& x, kv_store::layer& cache,
                           const batch_rows& rows) const;

  std::int64_t bytes() const noexcept;

 private:
  latent_settings sizes_;
  std::int64_t heads_ = 0;
  double scale_ = 1;      ///< of queries, so that attention's own scale becomes the right one
  linear_layer input_;    ///< queries or what they are computed from, latent vector, rotary key
  linear_layer queries_;  ///< if there is a query_rank
  linear_layer output_;
  torch::Tensor query_norm_, latent_norm_;
  head_products to_latent_, to_values_;
};

}  // namespace troupe
