#pragma once
// A linear layer: what nearly all of a decoder's weights and time are for.

#include "model/torch/tensors.hpp"

namespace troupe {

/// `x` times the transposed weight, plus the bias if there is one.
struct linear_layer {
  torch::Tensor weight;  ///< [outputs, inputs]
  torch::Tensor bias;    ///< [outputs], or undefined

  /// `x`: [rows, inputs].
  torch::Tensor operator()(const torch::Tensor& x) const { return torch::linear(x, weight, bias); }
};

/// Layers of the same input as one: their outputs stand one behind the other. `names` without the
/// ending `.weight`, each with its number of outputs.
linear_layer load_linear(tensor_loader& load,
                         const std::vector<std::pair<std::string, std::int64_t>>& names,
                         std::int64_t inputs, bool bias);

}  // namespace troupe
