#include "model/torch/attention.hpp"

#include <cmath>
#include <limits>

namespace troupe {

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon) {
  const auto wide = x.to(torch::kFloat32);
  const auto scale = torch::rsqrt(wide.square().mean(-1, true) + epsilon);
  return (wide * scale).to(x.scalar_type()) * weight;
}

torch::Tensor rotate(const torch::Tensor& x, const torch::Tensor& cosine,
                     const torch::Tensor& sine) {
  const auto half = x.size(-1) / 2;
  const auto wide = x.to(torch::kFloat32);
  const auto a = wide.narrow(-1, 0, half), b = wide.narrow(-1, half, half);
  return torch::cat({a * cosine - b * sine, b * cosine + a * sine}, -1).to(x.scalar_type());
}

torch::Tensor attend_causally(const torch::Tensor& query, const torch::Tensor& keys,
                              const torch::Tensor& values, std::int64_t from) {
  const auto rows = query.size(0), heads = query.size(1), size = query.size(2);
  const auto total = keys.size(0), kv_heads = keys.size(1), group = heads / kv_heads;
  // The query heads that share one key head become rows of one product: no key is copied.
  const auto grouped = query.reshape({rows, kv_heads, group, size})
                           .permute({1, 2, 0, 3})
                           .reshape({kv_heads, group * rows, size});
  auto scores = torch::matmul(grouped, keys.permute({1, 2, 0})).to(torch::kFloat32) /
                std::sqrt(static_cast<double>(size));
  if (rows > 1) {
    const auto options = torch::TensorOptions().dtype(torch::kBool).device(query.device());
    const auto later = torch::ones({rows, total}, options).triu(from + 1);
    scores = scores.view({kv_heads, group, rows, total})
                 .masked_fill(later, -std::numeric_limits<float>::infinity())
                 .view({kv_heads, group * rows, total});
  }
  const auto weights = torch::softmax(scores, -1).to(query.scalar_type());
  return torch::matmul(weights, values.transpose(0, 1))
      .view({kv_heads, group, rows, size})
      .permute({2, 0, 1, 3})
      .reshape({rows, heads * size});
}

}  // namespace troupe
