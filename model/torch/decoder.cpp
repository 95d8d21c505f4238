#include "model/torch/decoder.hpp"

#include "model/torch/attention.hpp"

#include <cmath>

namespace troupe {

/// All rows of a batch stand one under the other.
struct decoder::rows {
  torch::Tensor ids;           ///< [rows]
  torch::Tensor cosine, sine;  ///< [rows, 1, head_size / 2], float32
  torch::Tensor slots;         ///< [rows]: where in a store each row's key goes
  torch::Tensor wanted;        ///< rows whose scores are wanted
  struct sequence {
    std::int64_t first, count, from;
    torch::Tensor slots;  ///< of all positions up to the last row's
  };
  std::vector<sequence> sequences;
};

result<std::shared_ptr<const decoder>> decoder::load(const model_config& config,
                                                     const weight_files& files,
                                                     torch::Device device, at::ScalarType type) {
  c10::InferenceMode guard;
  auto out = std::make_shared<decoder>();
  const model_config& c = out->config_ = config;
  out->frequencies_ = rope_frequencies(c.rope, 0);
  tensor_loader load(files, device, type);
  out->embedding_ = load("model.embed_tokens.weight", {c.vocabulary, c.hidden});
  const auto query = c.heads * c.head_size, key = c.kv_heads * c.head_size;
  for (std::int64_t i = 0; i < c.layers && !load.failure(); ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    const std::string self = at + "self_attn.", mlp = at + "mlp.";
    block b;
    b.attention_norm = load(at + "input_layernorm.weight", {c.hidden});
    b.qkv = load_linear(load,
                        {{self + "q_proj", query}, {self + "k_proj", key}, {self + "v_proj", key}},
                        c.hidden, c.qkv_bias);
    if (c.head_norms) {
      b.query_norm = load(self + "q_norm.weight", {c.head_size});
      b.key_norm = load(self + "k_norm.weight", {c.head_size});
    }
    b.output = load_linear(load, {{self + "o_proj", c.hidden}}, query, c.output_bias);
    b.mlp_norm = load(at + "post_attention_layernorm.weight", {c.hidden});
    b.gate_up =
        load_linear(load, {{mlp + "gate_proj", c.intermediate}, {mlp + "up_proj", c.intermediate}},
                    c.hidden, c.mlp_bias);
    b.down = load_linear(load, {{mlp + "down_proj", c.hidden}}, c.intermediate, c.mlp_bias);
    out->blocks_.push_back(std::move(b));
  }
  out->norm_ = load("model.norm.weight", {c.hidden});
  if (c.tied_embeddings)
    out->head_.weight = out->embedding_;
  else
    out->head_ = load_linear(load, {{"lm_head", c.vocabulary}}, c.hidden, false);
  if (load.failure()) return *load.failure();
  return std::shared_ptr<const decoder>(std::move(out));
}

kv_store decoder::make_store(std::int64_t blocks, std::int64_t block_size) const {
  c10::InferenceMode guard;
  kv_store out;
  out.block_size = block_size;
  const std::vector<std::int64_t> shape = {blocks * block_size, config_.kv_heads,
                                           config_.head_size};
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    out.layers.push_back(
        {torch::empty(shape, embedding_.options()), torch::empty(shape, embedding_.options())});
  return out;
}

std::int64_t decoder::bytes_per_token() const noexcept {
  return 2 * config_.layers * config_.kv_heads * config_.head_size *
         static_cast<std::int64_t>(embedding_.element_size());
}

decoder::rows decoder::lay_out(std::span<const sequence_rows> batch,
                               std::int64_t block_size) const {
  const auto half = config_.head_size / 2;
  std::vector<std::int64_t> ids, slots, wanted;
  std::vector<float> cosine, sine;
  rows out;
  const auto device = embedding_.device();
  auto moved = [&](const std::vector<std::int64_t>& v) {
    return torch::tensor(at::ArrayRef<std::int64_t>(v), torch::kInt64).to(device);
  };
  const double factor = rope_attention_factor(config_.rope);
  for (const sequence_rows& s : batch) {
    const auto first = std::ssize(ids), count = std::ssize(s.tokens), total = s.from + count;
    const bool own = config_.rope.depends_on_length(s.length);
    const auto stretched = own ? rope_frequencies(config_.rope, s.length) : std::vector<double>();
    const auto& frequencies = own ? stretched : frequencies_;
    std::vector<std::int64_t> all;
    for (std::int64_t p = 0; p < total; ++p)
      all.push_back(s.blocks[static_cast<std::size_t>(p / block_size)] * block_size +
                    p % block_size);
    for (std::int64_t p = s.from; p < total; ++p) {
      for (const double f : frequencies) {
        cosine.push_back(static_cast<float>(std::cos(f * static_cast<double>(p)) * factor));
        sine.push_back(static_cast<float>(std::sin(f * static_cast<double>(p)) * factor));
      }
    }
    ids.insert(ids.end(), s.tokens.begin(), s.tokens.end());
    slots.insert(slots.end(), all.begin() + s.from, all.end());
    if (s.wants_scores) wanted.push_back(std::ssize(ids) - 1);
    out.sequences.push_back({first, count, s.from, moved(all)});
  }
  out.ids = moved(ids);
  out.slots = moved(slots);
  out.wanted = moved(wanted);
  auto angles = [&](const std::vector<float>& v) {
    return torch::tensor(at::ArrayRef<float>(v), torch::kFloat32)
        .view({std::ssize(ids), 1, half})
        .to(device);
  };
  out.cosine = angles(cosine);
  out.sine = angles(sine);
  return out;
}

torch::Tensor decoder::attend(const torch::Tensor& x, const block& b, kv_store::layer& cache,
                              const rows& r) const {
  const model_config& c = config_;
  const auto qkv = b.qkv(x).view({x.size(0), c.heads + 2 * c.kv_heads, c.head_size});
  auto query = qkv.narrow(1, 0, c.heads), key = qkv.narrow(1, c.heads, c.kv_heads);
  if (c.head_norms) {
    query = rms_norm(query, b.query_norm, c.norm_epsilon);
    key = rms_norm(key, b.key_norm, c.norm_epsilon);
  }
  query = rotate(query, r.cosine, r.sine);
  cache.keys.index_copy_(0, r.slots, rotate(key, r.cosine, r.sine));
  cache.values.index_copy_(0, r.slots, qkv.narrow(1, c.heads + c.kv_heads, c.kv_heads));
  std::vector<torch::Tensor> mixed;
  for (const auto& s : r.sequences)
    mixed.push_back(attend_causally(query.narrow(0, s.first, s.count),
                                    cache.keys.index_select(0, s.slots),
                                    cache.values.index_select(0, s.slots), s.from));
  return b.output(mixed.size() == 1 ? mixed.front() : torch::cat(mixed, 0));
}

torch::Tensor decoder::feed_forward(const torch::Tensor& x, const block& b) const {
  const auto both = b.gate_up(x);
  return b.down(torch::silu(both.narrow(1, 0, config_.intermediate)) *
                both.narrow(1, config_.intermediate, config_.intermediate));
}

torch::Tensor decoder::forward(std::span<const sequence_rows> batch, kv_store& store) const {
  c10::InferenceMode guard;
  const rows r = lay_out(batch, store.block_size);
  auto x = torch::embedding(embedding_, r.ids);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const block& b = blocks_[i];
    x = x + attend(rms_norm(x, b.attention_norm, config_.norm_epsilon), b, store.layers[i], r);
    x = x + feed_forward(rms_norm(x, b.mlp_norm, config_.norm_epsilon), b);
  }
  const auto last = rms_norm(x.index_select(0, r.wanted), norm_, config_.norm_epsilon);
  return head_(last).to(torch::kCPU, torch::kFloat32).contiguous();
}

}  // namespace troupe
