#include "model/torch/latent_attention.hpp"

#include "model/cpu_linear.hpp"
#include "model/cpu_team.hpp"
#include "model/torch/rows.hpp"

#include <cmath>
#include <cstring>

namespace troupe {

namespace {

/// `x`'s rows of one head side by side, times the head's matrix, and back between the other heads'.
template <class Element>
void multiply_head(const torch::Tensor& x, const torch::Tensor& weights, std::int64_t head,
                   torch::Tensor& out) {
  const auto rows = x.size(0), heads = x.size(1), inputs = x.size(2), outputs = weights.size(1);
  std::vector<Element> in(static_cast<std::size_t>(rows * inputs));
  std::vector<float> product(static_cast<std::size_t>(rows * outputs));
  const auto* from = static_cast<const Element*>(x.data_ptr()) + head * x.stride(1);
  for (std::int64_t r = 0; r < rows; ++r)
    std::memcpy(in.data() + r * inputs, from + r * x.stride(0),
                static_cast<std::size_t>(inputs) * sizeof(Element));
  const linear_task<Element> task{
      .x = in.data(),
      .rows = rows,
      .weight = static_cast<const Element*>(weights.data_ptr()) + head * outputs * inputs,
      .inputs = inputs,
      .outputs = outputs};
  linear(task, product.data(), 0, outputs);
  for (std::int64_t r = 0; r < rows; ++r)
    std::memcpy(out.data_ptr<float>() + (r * heads + head) * outputs, product.data() + r * outputs,
                static_cast<std::size_t>(outputs) * sizeof(float));
}

/// The order of a matrix's outputs in which the two of each pair are half of the rotary part apart,
/// as `rotate` takes them. Each of `heads` has `plain` outputs that are not turned before those
/// that are.
torch::Tensor halves_apart(std::int64_t heads, std::int64_t plain, std::int64_t rotary) {
  std::vector<std::int64_t> order;
  for (std::int64_t h = 0; h < heads; ++h) {
    const auto first = h * (plain + rotary);
    for (std::int64_t i = 0; i < plain; ++i) order.push_back(first + i);
    for (std::int64_t part = 0; part < 2; ++part)
      for (std::int64_t i = part; i < rotary; i += 2) order.push_back(first + plain + i);
  }
  return torch::tensor(at::ArrayRef<std::int64_t>(order), torch::kInt64);
}

torch::Tensor behind_zeros(std::int64_t zeros, const torch::Tensor& t) {
  return t.defined() ? torch::cat({torch::zeros({zeros}, t.options()), t}) : t;
}

torch::Tensor in_order(const tensor_loader& load, const torch::Tensor& t,
                       const torch::Tensor& order) {
  return load.placed(t.index_select(0, order.to(t.device())));
}

}  // namespace

torch::Tensor head_products::operator()(const torch::Tensor& x) const {
  if (!fits_cpu_kernels(weights_))
    return torch::matmul(x.transpose(0, 1), weights_.transpose(1, 2))
        .transpose(0, 1)
        .to(torch::kFloat32)
        .contiguous();
  auto out = torch::empty({x.size(0), x.size(1), weights_.size(1)}, torch::kFloat32);
  all_cores().share(x.size(1), [&](std::int64_t head) {
    if (x.scalar_type() == at::kFloat)
      multiply_head<float>(x, weights_, head, out);
    else
      multiply_head<bf16_bits>(x, weights_, head, out);
  });
  return out;
}

std::int64_t head_products::bytes() const noexcept {
  return static_cast<std::int64_t>(weights_.nbytes());
}

latent_attention::latent_attention(const linear_loader& linear, const model_config& c,
                                   const std::string& at)
    : sizes_(*c.latent), heads_(c.heads) {
  const latent_settings& l = sizes_;
  tensor_loader& load = linear.tensors();
  const auto query = heads_ * c.head_size, first = l.query_rank > 0 ? l.query_rank : query;
  const std::string queries = at + (l.query_rank > 0 ? "q_a_proj" : "q_proj");
  const std::string latent = at + "kv_a_proj_with_mqa";
  auto weight = load.stacked(
      {{queries + ".weight", {first, c.hidden}}, {latent + ".weight", {cached(l), c.hidden}}});
  torch::Tensor bias, second;
  if (c.qkv_bias && l.query_rank > 0)
    bias = load.stacked({{queries + ".bias", {first}}, {latent + ".bias", {cached(l)}}});
  else if (c.qkv_bias)
    bias = behind_zeros(first, load.in_float32(latent + ".bias", {cached(l)}));
  if (l.query_rank > 0) {
    query_norm_ = load(at + "q_a_layernorm.weight", {l.query_rank});
    second = load(at + "q_b_proj.weight", {query, l.query_rank});
  }
  latent_norm_ = load(at + "kv_a_layernorm.weight", {l.rank});
  const auto both = l.plain_size + l.value_size;
  auto up = load(at + "kv_b_proj.weight", {heads_ * both, l.rank});
  output_ = linear({{at + "o_proj", c.hidden}}, heads_ * l.value_size, c.output_bias);
  if (load.failure()) return;
  if (l.interleaved) {
    const auto of_query = halves_apart(heads_, l.plain_size, l.rotary_size);
    const auto of_first = l.query_rank > 0 ? torch::arange(first) : of_query;
    const auto order = torch::cat({of_first, halves_apart(1, l.rank, l.rotary_size) + first});
    weight = in_order(load, weight, order);
    if (bias.defined()) bias = in_order(load, bias, order);
    if (second.defined()) second = in_order(load, second, of_query);
  } else if (bias.defined()) {
    bias = load.placed(bias);
  }
  input_ = linear(weight, bias);
  if (second.defined()) queries_ = linear(second, {});
  up = up.view({heads_, both, l.rank});
  to_latent_ = head_products(load.placed(up.narrow(1, 0, l.plain_size).transpose(1, 2)));
  to_values_ = head_products(load.placed(up.narrow(1, l.plain_size, l.value_size)));
  scale_ = rope_score_factor(c.rope) *
           std::sqrt(static_cast<double>(cached(l)) / static_cast<double>(c.head_size));
}

torch::Tensor latent_attention::operator()(const torch::Tensor& x, kv_store::layer& cache,
                                           const batch_rows& rows) const {
  const latent_settings& l = sizes_;
  const auto count = x.size(0), size = cached(l);
  const auto in = input_(x);
  const auto first = in.size(1) - size;
  auto query = in.narrow(1, 0, first).contiguous();
  if (l.query_rank > 0) query = queries_(rms_norm(query, query_norm_, l.norm_epsilon));
  query = query.view({count, heads_, l.plain_size + l.rotary_size});

  const auto latent =
      rms_norm(in.narrow(1, first, l.rank).contiguous(), latent_norm_, l.norm_epsilon);
  const auto key =
      rotate(in.narrow(1, first + l.rank, l.rotary_size).unsqueeze(1), rows.cosine, rows.sine);
  cache.keys.index_copy_(0, rows.slots, torch::cat({latent.unsqueeze(1), key}, -1));

  auto asked = torch::empty({count, heads_, size}, x.options());
  asked.narrow(2, 0, l.rank).copy_(to_latent_(query.narrow(2, 0, l.plain_size)) * scale_);
  const auto turned = rotate(query.narrow(2, l.plain_size, l.rotary_size).to(torch::kFloat32),
                             rows.cosine, rows.sine);
  asked.narrow(2, l.rank, l.rotary_size).copy_(turned * scale_);

  const auto mixed = attend(asked, {.heads = heads_, .kv_heads = 1, .size = size}, cache, rows)
                         .view({count, heads_, size});
  const auto values = to_values_(mixed.narrow(2, 0, l.rank)).to(x.scalar_type());
  return output_(values.view({count, heads_ * l.value_size}));
}

std::int64_t latent_attention::bytes() const noexcept {
  return input_.bytes() + queries_.bytes() + output_.bytes() + to_latent_.bytes() +
         to_values_.bytes();
}

}  // namespace troupe
