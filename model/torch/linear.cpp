#include "model/torch/linear.hpp"

#include "model/cpu_team.hpp"
#include "model/cpu_tiles.hpp"
#include "model/torch/rows.hpp"

namespace troupe {

namespace {

/// Pieces for each thread: enough that one that is held up leaves its share to the others.
constexpr std::int64_t pieces_each = 8;

panel_weights weights_in(const panel_layout& layout, const torch::Tensor& panels,
                         const torch::Tensor& bias, const torch::Tensor& scales) {
  return {.layout = layout,
          .weights = static_cast<std::byte*>(panels.data_ptr()),
          .bias = bias.defined() ? bias.data_ptr<float>() : nullptr,
          .scales = scales.defined() ? scales.data_ptr<float>() : nullptr};
}

/// Calls f(first, last) for parts of all panels, on all cores if the product is worth it.
template <class F>
void for_panels(const panel_layout& layout, std::int64_t rows, const F& f) {
  const auto panels = layout.panels();
  auto& cores = all_cores();
  const bool small = rows * layout.inputs * layout.outputs < 65536;
  const auto pieces = small ? 1 : std::min(panels, pieces_each * cores.threads());
  cores.share(pieces, [&](std::int64_t i) { f(panels * i / pieces, panels * (i + 1) / pieces); });
}

/// Memory for rows in order.
struct row_memory {
  row_memory(std::int64_t rows, const panel_layout& layout)
      : inputs(torch::empty({rows * layout.steps()}, torch::kInt32)) {
    if (layout.kind != panel_kind::int8) return;
    scales = torch::empty({rows * layout.groups()}, torch::kFloat32);
    starts = torch::empty({rows * layout.groups()}, torch::kInt32);
  }
  /// To a struct of pointers.
  void give(auto& to) const {
    to.inputs = static_cast<std::uint32_t*>(inputs.data_ptr());
    if (!scales.defined()) return;
    to.scales = scales.data_ptr<float>();
    to.starts = starts.data_ptr<std::int32_t>();
  }

  torch::Tensor inputs, scales, starts;
};

/// Calls f with `x`'s elements.
template <class F>
void with_elements(const torch::Tensor& x, const F& f) {
  if (x.scalar_type() == at::kFloat)
    f(x.data_ptr<float>());
  else
    f(static_cast<const bf16_bits*>(x.data_ptr()));
}

/// Whether a row is what pack_row() or pack_rows() of one row would make of it.
bool is_in_order(const torch::Tensor& x, const panel_layout& layout) {
  return layout.kind != panel_kind::int8 && layout.steps() * 4 == x.size(1) * x.element_size();
}

template <class Rows, class Out>
void multiply_packed(const panel_weights& w, const Rows& rows, std::int64_t count,
                     const product_results<Out>& to) {
  for_panels(w.layout, count,
             [&](std::int64_t first, std::int64_t last) { multiply(w, rows, to, first, last); });
}

template <class Out>
void multiply_in_tiles(const panel_weights& w, const torch::Tensor& x,
                       const product_results<Out>& to) {
  tiled_rows rows{.rows = x.size(0)};
  if (rows.roomy() == rows.rows && is_in_order(x, w.layout)) {
    rows.inputs = static_cast<std::uint32_t*>(x.data_ptr());
    return multiply_packed(w, rows, rows.rows, to);
  }
  const row_memory memory(rows.roomy(), w.layout);
  memory.give(rows);
  constexpr std::int64_t together = 8;
  with_elements(x, [&](const auto* elements) {
    all_cores().share((rows.rows + together - 1) / together, [&](std::int64_t part) {
      for (auto i = part * together; i < std::min(rows.rows, (part + 1) * together); ++i)
        pack_row(rows, i, w.layout, elements);
    });
  });
  multiply_packed(w, rows, rows.rows, to);
}

template <class Out>
void multiply_in_registers(const panel_weights& w, const torch::Tensor& x,
                           const product_results<Out>& to) {
  packed_rows rows{.blocks = {x.size(0)}};
  if (x.size(0) == 1 && is_in_order(x, w.layout)) {
    rows.inputs = static_cast<std::uint32_t*>(x.data_ptr());
    return multiply_packed(w, rows, 1, to);
  }
  const row_memory memory(x.size(0), w.layout);
  memory.give(rows);
  with_elements(x, [&](const auto* elements) {
    all_cores().share(rows.blocks.count(),
                      [&](std::int64_t block) { pack_rows(rows, block, w.layout, elements); });
  });
  multiply_packed(w, rows, x.size(0), to);
}

template <class Out>
void multiply_all(const panel_weights& w, const torch::Tensor& x, torch::Tensor& out,
                  product_manner manner) {
  const product_results<Out> to{static_cast<Out*>(out.data_ptr()), manner};
  if (is_worth_tiles(w.layout.kind, x.size(0)) && has_cpu_tiles())
    multiply_in_tiles(w, x, to);
  else
    multiply_in_registers(w, x, to);
}

}  // namespace

linear_layer linear_layer::in_panels() const {
  return packed(weight_.scalar_type() == at::kFloat ? panel_kind::f32 : panel_kind::bf16);
}

linear_layer linear_layer::in_eight_bits() const { return packed(panel_kind::int8); }

linear_layer linear_layer::packed(panel_kind kind) const {
  linear_layer out;
  out.layout_ = {kind, layout_.form, weight_.size(1), weight_.size(0)};
  const auto panels = out.layout_.panels();
  out.panels_ = roomy_tensor({panels, out.layout_.panel_bytes()}, at::kByte);
  if (bias_.defined()) out.bias_ = torch::empty({panels * panel_outputs}, torch::kFloat32);
  if (kind == panel_kind::int8)
    out.scales_ = torch::empty({panels * panel_outputs}, torch::kFloat32);
  const auto to = weights_in(out.layout_, out.panels_, out.bias_, out.scales_);
  auto pack = [&]<class Element>(const Element*) {
    const auto* weight = static_cast<const Element*>(weight_.data_ptr());
    const auto* bias = bias_.defined() ? static_cast<const Element*>(bias_.data_ptr()) : nullptr;
    all_cores().share(panels, [&](std::int64_t p) { pack_panel(to, p, weight, bias); });
  };
  if (weight_.scalar_type() == at::kFloat)
    pack(static_cast<const float*>(nullptr));
  else
    pack(static_cast<const bf16_bits*>(nullptr));
  return out;
}

torch::Tensor linear_layer::apply(const torch::Tensor& x, at::ScalarType type) const {
  if (!is_packed()) {
    const auto out = torch::linear(x, weight_, bias_);
    return (layout_.form == product_form::gated ? gated(out) : out).to(type);
  }
  auto out = torch::empty({x.size(0), layout_.results()}, x.options().dtype(type));
  const auto w = weights_in(layout_, panels_, bias_, scales_);
  if (type == at::kFloat)
    multiply_all<float>(w, x, out, product_manner::put);
  else
    multiply_all<bf16_bits>(w, x, out, product_manner::put);
  return out;
}

void linear_layer::add_to(torch::Tensor& to, const torch::Tensor& x) const {
  if (!is_packed()) {
    to.add_(apply(x, to.scalar_type()));
    return;
  }
  const auto w = weights_in(layout_, panels_, bias_, scales_);
  if (to.scalar_type() == at::kFloat)
    multiply_all<float>(w, x, to, product_manner::add);
  else
    multiply_all<bf16_bits>(w, x, to, product_manner::add);
}

torch::Tensor linear_layer::weights_of(const torch::Tensor& ids) const {
  if (!is_packed()) return torch::embedding(weight_, ids);
  auto out = torch::empty({ids.size(0), layout_.inputs},
                          layout_.kind == panel_kind::f32 ? torch::kFloat32 : torch::kBFloat16);
  const auto w = weights_in(layout_, panels_, bias_, scales_);
  const auto* id = ids.data_ptr<std::int64_t>();
  const auto row = layout_.inputs * static_cast<std::int64_t>(out.element_size());
  for (std::int64_t i = 0; i < ids.size(0); ++i)
    unpack_output(w, id[i], static_cast<std::byte*>(out.data_ptr()) + i * row);
  return out;
}

std::int64_t linear_layer::bytes() const noexcept {
  std::int64_t out = 0;
  for (const auto* t : {&weight_, &bias_, &panels_, &scales_})
    if (t->defined()) out += static_cast<std::int64_t>(t->nbytes());
  return out;
}

linear_layer linear_loader::operator()(
    const std::vector<std::pair<std::string, std::int64_t>>& names, std::int64_t inputs, bool bias,
    product_form product) const {
  std::vector<tensor_loader::wanted> weights, biases;
  for (auto& [name, outputs] : names) {
    weights.push_back({name + ".weight", {outputs, inputs}});
    biases.push_back({name + ".bias", {outputs}});
  }
  auto weight = tensors_.stacked(weights);
  return (*this)(std::move(weight), bias ? tensors_.stacked(biases) : torch::Tensor(), product);
}

linear_layer linear_loader::operator()(torch::Tensor weight, torch::Tensor bias,
                                       product_form product) const {
  if (tensors_.failure()) return {};
  const linear_layer out(std::move(weight), std::move(bias), product);
  switch (form_) {
    case weight_form::eight_bits:
      return out.in_eight_bits();
    case weight_form::panels:
      return out.in_panels();
    case weight_form::as_type:
      break;
  }
  return out;
}

linear_layer linear_loader::exact(torch::Tensor weight) const {
  if (tensors_.failure()) return {};
  const linear_layer out(std::move(weight), {});
  return form_ == weight_form::as_type ? out : out.in_panels();
}

}  // namespace troupe
