#pragma once
// The Llama decoder (Touvron et al. 2023) on LibTorch: RMSNorm, rotary positions, grouped-query
// attention over a key/value cache, SwiGLU. Where it runs and in what precision are only a device
// and a type; every operation is the same.

#include "model/model_config.hpp"
#include "model/weight_files.hpp"

#include <torch/torch.h>

namespace troupe {

/// The keys and values of one sequence so far. Grows by doubling, up to the model's context.
class kv_cache {
 public:
  std::int64_t length() const noexcept { return length_; }

 private:
  friend class llama;
  struct layer {
    torch::Tensor keys, values;  ///< [kv_heads, capacity, head_size]
  };
  std::vector<layer> layers_;
  std::int64_t length_ = 0, capacity_ = 0;
};

/// Immutable once loaded; calls with different caches may run side by side.
class llama {
 public:
  static result<std::shared_ptr<const llama>> load(const model_config& config,
                                                   const weight_files& files, torch::Device device,
                                                   at::ScalarType type);

  const model_config& config() const noexcept { return config_; }

  /// Appends `tokens` (at least one, each inside the vocabulary; length() + tokens within the
  /// context) to `cache` and gives the scores for the token that follows: float32 on the CPU,
  /// [vocabulary].
  torch::Tensor forward(std::span<const token_id> tokens, kv_cache& cache) const;

 private:
  struct block {
    torch::Tensor attention_norm, qkv, output, mlp_norm, gate_up, down;
  };

  void reserve(kv_cache& cache, std::int64_t length) const;
  torch::Tensor normalise(const torch::Tensor& x, const torch::Tensor& weight) const;
  torch::Tensor rotate(const torch::Tensor& x, std::int64_t from) const;
  torch::Tensor attend(const torch::Tensor& x, const block& b, kv_cache::layer& cache,
                       std::int64_t from) const;

  model_config config_;
  torch::Tensor embedding_, norm_, head_;
  std::vector<block> blocks_;
  torch::Tensor cosines_, sines_;  ///< [context, head_size / 2], float32
};

}  // namespace troupe
