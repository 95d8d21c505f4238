#pragma once
// A linear layer: what nearly all of a decoder's weights and time are for.

#include "model/panel_layout.hpp"
#include "model/torch/tensors.hpp"

namespace troupe {

/// `x` times the transposed weight, plus the bias if there is one; `form` says what the results
/// are.
class linear_layer {
 public:
  linear_layer() = default;
  /// `weight`: [outputs, inputs]; `bias`: [outputs], or undefined.
  linear_layer(torch::Tensor weight, torch::Tensor bias, product_form form = product_form::plain)
      : weight_(std::move(weight)), bias_(std::move(bias)) {
    layout_.form = form;
  }

  /// The same for the CPU's kernels, with weights in panels (model/panel_layout.hpp). Needs a
  /// weight of float32 or BF16 on the CPU.
  linear_layer in_panels() const;
  /// The same with weights of eight bits and a scale for each output; inputs are rounded to eight
  /// bits as they come, with a scale for each 128.
  linear_layer in_eight_bits() const;

  /// `x`: [rows, inputs]. Gives `x`'s type, or `type`.
  torch::Tensor operator()(const torch::Tensor& x) const { return apply(x, x.scalar_type()); }
  torch::Tensor apply(const torch::Tensor& x, at::ScalarType type) const;
  /// `to` += this(x).
  void add_to(torch::Tensor& to, const torch::Tensor& x) const;

  /// The weights of some outputs, [ids, inputs]: what an embedding is, if a head shares its table.
  /// Not of eight bits.
  torch::Tensor weights_of(const torch::Tensor& ids) const;

  std::int64_t bytes() const noexcept;

 private:
  linear_layer packed(panel_kind kind) const;
  bool is_packed() const noexcept { return panels_.defined(); }

  torch::Tensor weight_, bias_;
  // In panels: weight_ is undefined then, and bias_ float32 in the panels' order.
  panel_layout layout_;
  torch::Tensor panels_;  ///< bytes
  torch::Tensor scales_;  ///< of eight bits, float32, in the panels' order
};

/// How layers hold their weights: as they were read, or in order for the CPU's kernels.
enum class weight_form : std::uint8_t { as_type, panels, eight_bits };

/// Makes a decoder's linear layers in the form that was asked for.
class linear_loader {
 public:
  linear_loader(tensor_loader& tensors, weight_form form) : tensors_(tensors), form_(form) {}

  /// Layers of the same input as one: their outputs stand one behind the other. `names` without the
  /// ending `.weight`, each with its number of outputs.
  linear_layer operator()(const std::vector<std::pair<std::string, std::int64_t>>& names,
                          std::int64_t inputs, bool bias,
                          product_form product = product_form::plain) const;
  /// The same from tensors that are there.
  linear_layer operator()(torch::Tensor weight, torch::Tensor bias,
                          product_form product = product_form::plain) const;
  /// Never in fewer bits than `weight` has.
  linear_layer exact(torch::Tensor weight) const;

  tensor_loader& tensors() const noexcept { return tensors_; }
  weight_form form() const noexcept { return form_; }

 private:
  tensor_loader& tensors_;
  weight_form form_;
};

}  // namespace troupe
