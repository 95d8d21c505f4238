#pragma once
// A linear layer: what nearly all of a decoder's weights and time are for.

#include "model/torch/tensors.hpp"

namespace troupe {

/// `x` times the transposed weight, plus the bias if there is one.
class linear_layer {
 public:
  linear_layer() = default;
  /// `weight`: [outputs, inputs]; `bias`: [outputs], or undefined.
  linear_layer(torch::Tensor weight, torch::Tensor bias)
      : weight_(std::move(weight)), bias_(std::move(bias)) {}

  /// The same with weights of eight bits and a scale for each output; inputs are rounded to eight
  /// bits as they come, with a scale for each 128. Needs the CPU's kernels.
  linear_layer in_eight_bits() const;

  /// `x`: [rows, inputs]. Gives `x`'s type, or `type`.
  torch::Tensor operator()(const torch::Tensor& x) const { return apply(x, x.scalar_type()); }
  torch::Tensor apply(const torch::Tensor& x, at::ScalarType type) const;

  std::int64_t bytes() const noexcept;

 private:
  torch::Tensor apply_eight_bits(const torch::Tensor& x, at::ScalarType type) const;

  torch::Tensor weight_, bias_;
  torch::Tensor levels_;  ///< [outputs, padded inputs], int8; undefined: weight_ counts
  torch::Tensor scales_;  ///< [outputs], float32
  torch::Tensor starts_;  ///< [outputs, groups], int32
};

enum class weight_form : std::uint8_t { as_type, eight_bits };

/// Makes a decoder's linear layers in the form that was asked for.
class linear_loader {
 public:
  linear_loader(tensor_loader& tensors, weight_form form) : tensors_(tensors), form_(form) {}

  /// Layers of the same input as one: their outputs stand one behind the other. `names` without the
  /// ending `.weight`, each with its number of outputs.
  linear_layer operator()(const std::vector<std::pair<std::string, std::int64_t>>& names,
                          std::int64_t inputs, bool bias) const;
  /// The same from tensors that are there.
  linear_layer operator()(torch::Tensor weight, torch::Tensor bias) const;

  tensor_loader& tensors() const noexcept { return tensors_; }
  weight_form form() const noexcept { return form_; }

 private:
  tensor_loader& tensors_;
  weight_form form_;
};

}  // namespace troupe
