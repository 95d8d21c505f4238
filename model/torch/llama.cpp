#include "model/torch/llama.hpp"

#include "model/torch/tensors.hpp"

#include <cmath>

namespace troupe {

namespace {

/// Angles of every position, computed in float64 as the reference does.
std::pair<torch::Tensor, torch::Tensor> rotary_tables(const model_config& c, torch::Device device) {
  const auto doubles = torch::TensorOptions().dtype(torch::kFloat64);
  const auto powers = torch::arange(0, c.head_size, 2, doubles) / static_cast<double>(c.head_size);
  const auto frequency = torch::pow(c.rope_theta, -powers);
  const auto angles = torch::outer(torch::arange(c.context, doubles), frequency);
  return {angles.cos().to(device, torch::kFloat32), angles.sin().to(device, torch::kFloat32)};
}

}  // namespace

result<std::shared_ptr<const llama>> llama::load(const model_config& config,
                                                 const weight_files& files, torch::Device device,
                                                 at::ScalarType type) {
  c10::InferenceMode guard;
  auto out = std::make_shared<llama>();
  const model_config& c = out->config_ = config;
  tensor_loader load(files, device, type);
  out->embedding_ = load("model.embed_tokens.weight", {c.vocabulary, c.hidden});
  const auto query = c.heads * c.head_size, key = c.kv_heads * c.head_size;
  for (std::int64_t i = 0; i < c.layers; ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    block b;
    b.attention_norm = load(at + "input_layernorm.weight", {c.hidden});
    b.qkv = load.stacked({{at + "self_attn.q_proj.weight", {query, c.hidden}},
                          {at + "self_attn.k_proj.weight", {key, c.hidden}},
                          {at + "self_attn.v_proj.weight", {key, c.hidden}}});
    b.output = load(at + "self_attn.o_proj.weight", {c.hidden, query});
    b.mlp_norm = load(at + "post_attention_layernorm.weight", {c.hidden});
    b.gate_up = load.stacked({{at + "mlp.gate_proj.weight", {c.intermediate, c.hidden}},
                              {at + "mlp.up_proj.weight", {c.intermediate, c.hidden}}});
    b.down = load(at + "mlp.down_proj.weight", {c.hidden, c.intermediate});
    out->blocks_.push_back(std::move(b));
    if (load.failure()) break;
  }
  out->norm_ = load("model.norm.weight", {c.hidden});
  out->head_ =
      c.tied_embeddings ? out->embedding_ : load("lm_head.weight", {c.vocabulary, c.hidden});
  if (load.failure()) return *load.failure();
  std::tie(out->cosines_, out->sines_) = rotary_tables(c, device);
  return std::shared_ptr<const llama>(std::move(out));
}

void llama::reserve(kv_cache& cache, std::int64_t length) const {
  if (length <= cache.capacity_) return;
  const auto capacity =
      std::min(std::max({length, 2 * cache.capacity_, std::int64_t{64}}), config_.context);
  cache.layers_.resize(blocks_.size());
  auto grow = [&](torch::Tensor& t) {
    auto larger =
        torch::empty({config_.kv_heads, capacity, config_.head_size}, embedding_.options());
    if (cache.length_ > 0) larger.narrow(1, 0, cache.length_).copy_(t.narrow(1, 0, cache.length_));
    t = larger;
  };
  for (auto& layer : cache.layers_) {
    grow(layer.keys);
    grow(layer.values);
  }
  cache.capacity_ = capacity;
}

torch::Tensor llama::normalise(const torch::Tensor& x, const torch::Tensor& weight) const {
  const auto wide = x.to(torch::kFloat32);
  const auto scale = torch::rsqrt(wide.square().mean(-1, true) + config_.norm_epsilon);
  return (wide * scale).to(x.scalar_type()) * weight;
}

/// `x`: [tokens, heads, head_size]. The two halves of a head are the two parts of each pair.
torch::Tensor llama::rotate(const torch::Tensor& x, std::int64_t from) const {
  const auto half = config_.head_size / 2;
  const auto cosine = cosines_.narrow(0, from, x.size(0)).unsqueeze(1);
  const auto sine = sines_.narrow(0, from, x.size(0)).unsqueeze(1);
  const auto wide = x.to(torch::kFloat32);
  const auto a = wide.narrow(-1, 0, half), b = wide.narrow(-1, half, half);
  return torch::cat({a * cosine - b * sine, b * cosine + a * sine}, -1).to(x.scalar_type());
}

torch::Tensor llama::attend(const torch::Tensor& x, const block& b, kv_cache::layer& cache,
                            std::int64_t from) const {
  const auto n = x.size(0), total = from + n, size = config_.head_size;
  const auto group = config_.heads / config_.kv_heads;
  const auto qkv = torch::linear(x, b.qkv).view({n, config_.heads + 2 * config_.kv_heads, size});
  const auto rotated = rotate(qkv.narrow(1, 0, config_.heads + config_.kv_heads), from);
  cache.keys.narrow(1, from, n)
      .copy_(rotated.narrow(1, config_.heads, config_.kv_heads).transpose(0, 1));
  cache.values.narrow(1, from, n)
      .copy_(qkv.narrow(1, config_.heads + config_.kv_heads, config_.kv_heads).transpose(0, 1));

  // The query heads that share one key head become rows of one product: no key is copied.
  const auto query = rotated.narrow(1, 0, config_.heads)
                         .reshape({n, config_.kv_heads, group, size})
                         .permute({1, 2, 0, 3})
                         .reshape({config_.kv_heads, group * n, size});
  const auto keys = cache.keys.narrow(1, 0, total), values = cache.values.narrow(1, 0, total);
  auto scores = torch::matmul(query, keys.transpose(1, 2)).to(torch::kFloat32) /
                std::sqrt(static_cast<double>(size));
  if (n > 1) {
    const auto options = torch::TensorOptions().dtype(torch::kBool).device(x.device());
    const auto later = torch::ones({n, total}, options).triu(from + 1);
    scores = scores.view({config_.kv_heads, group, n, total})
                 .masked_fill(later, -std::numeric_limits<float>::infinity())
                 .view({config_.kv_heads, group * n, total});
  }
  const auto weights = torch::softmax(scores, -1).to(x.scalar_type());
  const auto mixed = torch::matmul(weights, values)
                         .view({config_.kv_heads, group, n, size})
                         .permute({2, 0, 1, 3})
                         .reshape({n, config_.heads * size});
  return torch::linear(mixed, b.output);
}

torch::Tensor llama::forward(std::span<const token_id> tokens, kv_cache& cache) const {
  c10::InferenceMode guard;
  const auto n = static_cast<std::int64_t>(tokens.size()), from = cache.length_;
  reserve(cache, from + n);
  const auto ids =
      torch::tensor(at::ArrayRef<std::int64_t>(tokens.data(), tokens.size()), torch::kInt64)
          .to(embedding_.device());
  auto x = torch::embedding(embedding_, ids);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const block& b = blocks_[i];
    x = x + attend(normalise(x, b.attention_norm), b, cache.layers_[i], from);
    const auto both = torch::linear(normalise(x, b.mlp_norm), b.gate_up);
    const auto gated = torch::silu(both.narrow(1, 0, config_.intermediate)) *
                       both.narrow(1, config_.intermediate, config_.intermediate);
    x = x + torch::linear(gated, b.down);
  }
  cache.length_ = from + n;
  const auto last = normalise(x.narrow(0, n - 1, 1), norm_);
  return torch::linear(last, head_).view({-1}).to(torch::kCPU, torch::kFloat32).contiguous();
}

}  // namespace troupe
