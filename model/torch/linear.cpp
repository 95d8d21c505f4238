#include "model/torch/linear.hpp"

#include "model/cpu_linear.hpp"
#include "model/torch/rows.hpp"

namespace troupe {

namespace {

/// Splits `outputs` between threads, in fours.
template <class F>
void for_outputs(std::int64_t outputs, std::int64_t work_each, F f) {
  const auto fours = (outputs + 3) / 4;
  at::parallel_for(
      0, fours, std::max<std::int64_t>(1, 32768 / std::max<std::int64_t>(work_each, 1)),
      [&](std::int64_t begin, std::int64_t end) { f(4 * begin, std::min(4 * end, outputs)); });
}

template <class Element, class Out>
void multiply(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
              torch::Tensor& out) {
  const linear_task<Element> task{
      .x = static_cast<const Element*>(x.data_ptr()),
      .rows = x.size(0),
      .weight = static_cast<const Element*>(weight.data_ptr()),
      .inputs = x.size(1),
      .bias = bias.defined() ? static_cast<const Element*>(bias.data_ptr()) : nullptr,
      .outputs = weight.size(0)};
  for_outputs(task.outputs, task.rows * task.inputs, [&](std::int64_t first, std::int64_t last) {
    linear(task, static_cast<Out*>(out.data_ptr()), first, last);
  });
}

template <class Element>
void round_rows(const torch::Tensor& x, std::int64_t padded, torch::Tensor& levels,
                torch::Tensor& scales) {
  const auto* from = static_cast<const Element*>(x.data_ptr());
  at::parallel_for(0, x.size(0), 16, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i)
      round_row(from + i * x.size(1), x.size(1), levels.data_ptr<std::uint8_t>() + i * padded,
                scales.data_ptr<float>() + i * scales.size(1));
  });
}

}  // namespace

torch::Tensor linear_layer::apply(const torch::Tensor& x, at::ScalarType type) const {
  if (levels_.defined()) return apply_eight_bits(x, type);
  if (!fits_cpu_kernels(x)) return torch::linear(x, weight_, bias_).to(type);
  auto out = torch::empty({x.size(0), weight_.size(0)}, x.options().dtype(type));
  if (x.scalar_type() == at::kFloat)
    multiply<float, float>(x, weight_, bias_, out);
  else if (type == at::kFloat)
    multiply<bf16_bits, float>(x, weight_, bias_, out);
  else
    multiply<bf16_bits, bf16_bits>(x, weight_, bias_, out);
  return out;
}

linear_layer linear_layer::in_eight_bits() const {
  linear_layer out;
  const auto outputs = weight_.size(0), inputs = weight_.size(1);
  const auto groups = (inputs + int8_group - 1) / int8_group;
  if (bias_.defined()) out.bias_ = bias_.to(torch::kFloat32);
  out.levels_ = roomy_tensor({outputs, groups * int8_group}, at::kChar);
  out.scales_ = torch::empty({outputs}, torch::kFloat32);
  out.starts_ = torch::empty({outputs, groups}, torch::kInt32);
  const auto wide = weight_.to(torch::kFloat32);
  for (std::int64_t o = 0; o < outputs; ++o)
    out.scales_.data_ptr<float>()[o] =
        round_weights(wide.data_ptr<float>() + o * inputs, inputs,
                      out.levels_.data_ptr<std::int8_t>() + o * groups * int8_group,
                      out.starts_.data_ptr<std::int32_t>() + o * groups);
  return out;
}

torch::Tensor linear_layer::apply_eight_bits(const torch::Tensor& x, at::ScalarType type) const {
  const auto rows = x.size(0), padded = levels_.size(1), outputs = levels_.size(0);
  auto levels = torch::empty({rows, padded}, torch::kUInt8);
  auto scales = torch::empty({rows, padded / int8_group}, torch::kFloat32);
  if (x.scalar_type() == at::kFloat)
    round_rows<float>(x, padded, levels, scales);
  else
    round_rows<bf16_bits>(x, padded, levels, scales);
  const int8_rows a{levels.data_ptr<std::uint8_t>(), scales.data_ptr<float>(), rows, padded};
  const int8_weights b{levels_.data_ptr<std::int8_t>(), scales_.data_ptr<float>(),
                       starts_.data_ptr<std::int32_t>(), outputs};
  const float* bias = bias_.defined() ? bias_.data_ptr<float>() : nullptr;
  auto out = torch::empty({rows, outputs}, x.options().dtype(type));
  for_outputs(outputs, rows * padded, [&](std::int64_t first, std::int64_t last) {
    if (type == at::kFloat)
      linear(a, b, bias, out.data_ptr<float>(), first, last);
    else
      linear(a, b, bias, static_cast<bf16_bits*>(out.data_ptr()), first, last);
  });
  return out;
}

std::int64_t linear_layer::bytes() const noexcept {
  std::int64_t out = 0;
  for (const auto* t : {&weight_, &bias_, &levels_, &scales_, &starts_})
    if (t->defined()) out += static_cast<std::int64_t>(t->nbytes());
  return out;
}

linear_layer linear_loader::operator()(
    const std::vector<std::pair<std::string, std::int64_t>>& names, std::int64_t inputs,
    bool bias) const {
  std::vector<tensor_loader::wanted> weights, biases;
  for (auto& [name, outputs] : names) {
    weights.push_back({name + ".weight", {outputs, inputs}});
    biases.push_back({name + ".bias", {outputs}});
  }
  auto weight = tensors_.stacked(weights);
  return (*this)(std::move(weight), bias ? tensors_.stacked(biases) : torch::Tensor());
}

linear_layer linear_loader::operator()(torch::Tensor weight, torch::Tensor bias) const {
  if (tensors_.failure()) return {};
  linear_layer out(std::move(weight), std::move(bias));
  return form_ == weight_form::eight_bits ? out.in_eight_bits() : out;
}

}  // namespace troupe
