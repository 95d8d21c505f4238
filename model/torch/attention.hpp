#pragma once
// The pieces of an attention layer.

#include <torch/torch.h>

namespace troupe {

/// RMSNorm over the last dimension (Zhang and Sennrich 2019), computed in float32.
torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon);

/// Turns each pair of `x` [rows, heads, size]; the two halves of a head are the two parts of each
/// pair. `cosine` and `sine`: [rows, 1, size / 2], float32.
torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& cosine,
                     const torch::Tensor& sine);

/// Causal grouped-query attention of one sequence's last rows. `query`: [rows, heads, size], of the
/// positions `from` and on; `keys` and `values`: [from + rows, kv_heads, size]. Gives
/// [rows, heads * size].
torch::Tensor attend_causally(const torch::Tensor& query, const torch::Tensor& keys,
                              const torch::Tensor& values, std::int64_t from);

}  // namespace troupe
