#include "model/torch/lm_network.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace troupe {

lm_network::lm_network(const model_config& config, std::uint64_t seed) : config_(config) {
  const model_config& c = config_;
  auto dice = at::make_generator<at::CPUGeneratorImpl>(seed);
  auto drawn = [&](std::int64_t out, std::int64_t in, double deviation) {
    return torch::empty({out, in}).normal_(0, deviation, dice);
  };
  const double narrow = 0.02 / std::sqrt(2.0 * double(c.layers));
  const auto query = c.heads * c.head_size, key = c.kv_heads * c.head_size;
  embedding_ = add("model.embed_tokens.weight", drawn(c.vocabulary, c.hidden, 0.02));
  for (std::int64_t i = 0; i < c.layers; ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    block b;
    b.attention_norm = add(at + "input_layernorm.weight", torch::ones({c.hidden}));
    b.query = add(at + "self_attn.q_proj.weight", drawn(query, c.hidden, 0.04));
    b.key = add(at + "self_attn.k_proj.weight", drawn(key, c.hidden, 0.04));
    b.value = add(at + "self_attn.v_proj.weight", drawn(key, c.hidden, 0.04));
    b.output = add(at + "self_attn.o_proj.weight", drawn(c.hidden, query, narrow));
    b.mlp_norm = add(at + "post_attention_layernorm.weight", torch::ones({c.hidden}));
    b.gate = add(at + "mlp.gate_proj.weight", drawn(c.intermediate, c.hidden, 0.04));
    b.up = add(at + "mlp.up_proj.weight", drawn(c.intermediate, c.hidden, 0.04));
    b.down = add(at + "mlp.down_proj.weight", drawn(c.hidden, c.intermediate, narrow));
    blocks_.push_back(std::move(b));
  }
  norm_ = add("model.norm.weight", torch::ones({c.hidden}));
  const auto doubles = torch::TensorOptions().dtype(torch::kFloat64);
  const auto powers = torch::arange(0, c.head_size, 2, doubles) / double(c.head_size);
  const auto angles =
      torch::outer(torch::arange(c.context, doubles), torch::pow(c.rope.theta, -powers));
  cosines_ = angles.cos().to(torch::kFloat32);
  sines_ = angles.sin().to(torch::kFloat32);
}

torch::Tensor lm_network::add(const std::string& name, torch::Tensor value) {
  value.set_requires_grad(true);
  parameters_.emplace_back(name, value);
  return value;
}

torch::Tensor lm_network::normalise(const torch::Tensor& x, const torch::Tensor& weight) const {
  return x * torch::rsqrt(x.square().mean(-1, true) + config_.norm_epsilon) * weight;
}

/// `x`: [batch, heads, length, head_size].
torch::Tensor lm_network::rotate(const torch::Tensor& x) const {
  const auto half = config_.head_size / 2;
  const auto cosine = cosines_.narrow(0, 0, x.size(2)), sine = sines_.narrow(0, 0, x.size(2));
  const auto a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
  return torch::cat({a * cosine - b * sine, b * cosine + a * sine}, -1);
}

torch::Tensor lm_network::attend(const torch::Tensor& x, std::size_t layer) const {
  const block& b = blocks_[layer];
  const auto batch = x.size(0), length = x.size(1), size = config_.head_size;
  auto heads = [&](const torch::Tensor& weight, std::int64_t count) {
    return torch::linear(x, weight).view({batch, length, count, size}).transpose(1, 2);
  };
  const auto query = rotate(heads(b.query, config_.heads)) / std::sqrt(double(size));
  auto key = rotate(heads(b.key, config_.kv_heads)), value = heads(b.value, config_.kv_heads);
  if (const auto group = config_.heads / config_.kv_heads; group > 1) {
    key = key.repeat_interleave(group, 1);
    value = value.repeat_interleave(group, 1);
  }
  const auto later = torch::full({length, length}, -1e9).triu(1);
  const auto weights = torch::softmax(torch::matmul(query, key.transpose(2, 3)) + later, -1);
  const auto mixed = torch::matmul(weights, value).transpose(1, 2).reshape({batch, length, -1});
  return torch::linear(mixed, b.output);
}

torch::Tensor lm_network::states(const torch::Tensor& ids) const {
  auto x = torch::embedding(embedding_, ids);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const block& b = blocks_[i];
    x = x + attend(normalise(x, b.attention_norm), i);
    const auto y = normalise(x, b.mlp_norm);
    x = x + torch::linear(torch::silu(torch::linear(y, b.gate)) * torch::linear(y, b.up), b.down);
  }
  return normalise(x, norm_);
}

torch::Tensor lm_network::logits(const torch::Tensor& states) const {
  return torch::linear(states, embedding_);
}

}  // namespace troupe
