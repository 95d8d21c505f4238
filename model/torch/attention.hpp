#pragma once
// An attention layer over a cache in blocks.

#include "model/torch/torch.hpp"

#include <span>
#include <vector>

namespace troupe {

/// The keys and values of many sequences, in blocks of `block_size` positions. Which block is whose
/// is not known here.
struct kv_store {
  struct layer {
    torch::Tensor keys, values;  ///< [blocks * block_size, kv_heads, head_size]
  };
  std::vector<layer> layers;
  std::int64_t block_size = 0;
};

/// The rows of several sequences, one under the other.
struct batch_rows {
  torch::Tensor ids;           ///< [rows]
  torch::Tensor cosine, sine;  ///< [rows, 1, head_size / 2], float32
  torch::Tensor slots;         ///< [rows]: where in a store each row's key goes
  torch::Tensor wanted;        ///< rows whose scores are wanted
  struct sequence {
    std::int64_t first = 0, count = 0, from = 0;
    std::span<const std::int32_t> blocks;
  };
  std::vector<sequence> sequences;
  std::int64_t block_size = 0;
};

struct head_shape {
  std::int64_t heads = 0, kv_heads = 0, size = 0;
  double epsilon = 0;  ///< of the norms
};

/// Turns each pair of `x` [rows, heads, size]; the two halves of a head are the two parts of each
/// pair. `cosine` and `sine`: [rows, 1, size / 2].
torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& cosine,
                     const torch::Tensor& sine);

/// What each row's queries, [rows, heads, size], find in their sequence up to that row, whose keys
/// and values are in `cache`. Gives [rows, heads * size].
torch::Tensor attend(const torch::Tensor& query, const head_shape& shape,
                     const kv_store::layer& cache, const batch_rows& rows);

/// Causal grouped-query attention. `qkv`: [rows, (heads + 2 * kv_heads) * size], the queries, keys
/// and values of each row. The norms, [size], may be undefined. Keys and values are put into
/// `cache`. Gives [rows, heads * size].
torch::Tensor attention(const torch::Tensor& qkv, const torch::Tensor& query_norm,
                        const torch::Tensor& key_norm, const head_shape& shape,
                        kv_store::layer& cache, const batch_rows& rows);

}  // namespace troupe
