#pragma once
// The decoders of the Llama (Touvron et al. 2023), Qwen2, Qwen3, DeepSeek-V2 and DeepSeek-V3
// families on LibTorch: RMSNorm, rotary positions, grouped-query or latent attention over a cache
// in blocks, SwiGLU, experts. Several sequences are read in one forward. Where it runs and in what
// precision are only a device and a type.

#include "model/model_config.hpp"
#include "model/torch/attention.hpp"
#include "model/torch/expert_mlp.hpp"
#include "model/torch/latent_attention.hpp"
#include "model/torch/linear.hpp"

namespace troupe {

/// The next tokens of one sequence. What stands before `from` is in its blocks already.
struct sequence_rows {
  std::span<const token_id> tokens;      ///< at least one, each inside the vocabulary
  std::int64_t from = 0;                 ///< position of the first
  std::int64_t length = 0;               ///< for a rotation that depends on it: of the sequence
  std::span<const std::int32_t> blocks;  ///< the sequence's, in order; they hold from + tokens
  bool wants_scores = true;              ///< for the token after the last
};

/// Where and in what precision a decoder runs.
struct decoder_place {
  torch::Device device = torch::kCPU;
  at::ScalarType type = at::kFloat;
  weight_form form = weight_form::as_type;
  bool cpu_kernels = true;

  /// Whether the kernels of model/cpu_*.hpp do the work.
  bool runs_on_kernels() const;
};

/// Immutable once loaded; one forward at a time for each store.
class decoder {
 public:
  static result<std::shared_ptr<const decoder>> load(const model_config& config,
                                                     const weight_files& files,
                                                     const decoder_place& place);

  const model_config& config() const noexcept { return config_; }
  const decoder_place& place() const noexcept { return place_; }

  kv_store make_store(std::int64_t blocks, std::int64_t block_size) const;
  torch::Device device() const { return place_.device; }
  /// As graphs write it: fp32, bf16, fp16 or int8.
  std::string_view dtype() const noexcept;
  std::int64_t weight_bytes() const noexcept;
  /// Of one position in a store.
  std::int64_t bytes_per_token() const noexcept;

  /// Reads the rows of all sequences at once and appends them to `store`. Gives the scores that are
  /// wanted, in the order of `batch`: float32 on the CPU, [wanted, vocabulary].
  torch::Tensor forward(std::span<const sequence_rows> batch, kv_store& store) const;

 private:
  struct block {
    torch::Tensor attention_norm, query_norm, key_norm, mlp_norm;
    linear_layer qkv, output;
    std::optional<latent_attention> latent;  ///< in place of qkv and output
    gated_mlp mlp;
    std::optional<expert_mlp> experts;  ///< in place of mlp
  };

  block load_block(const linear_loader& load, std::int64_t layer) const;
  /// Adds to `x` what attention gives it.
  void add_attention(torch::Tensor& x, const block& b, kv_store::layer& cache,
                     const batch_rows& rows) const;
  /// One table for both; eight bits are for products only.
  bool shares_embedding() const noexcept {
    return config_.tied_embeddings && place_.form == weight_form::as_type;
  }
  batch_rows lay_out(std::span<const sequence_rows> batch, std::int64_t block_size) const;

  model_config config_;
  decoder_place place_;
  std::vector<double> frequencies_;  ///< of sequences whose length plays no part
  torch::Tensor embedding_;          ///< undefined if the head's weights are the table
  torch::Tensor norm_;
  linear_layer head_;
  std::vector<block> blocks_;
};

}  // namespace troupe
