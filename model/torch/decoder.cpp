#include "model/torch/decoder.hpp"

#include "model/torch/rows.hpp"

#include <cmath>

namespace troupe {

result<std::shared_ptr<const decoder>> decoder::load(const model_config& config,
                                                     const weight_files& files,
                                                     const decoder_place& place) {
  c10::InferenceMode guard;
  auto out = std::make_shared<decoder>();
  const model_config& c = out->config_ = config;
  out->place_ = place;
  out->frequencies_ = rope_frequencies(c.rope, 0);
  tensor_loader load(files, place.device, place.type);
  const bool eight_bits = place.form == weight_form::eight_bits;
  auto linear = [&](const std::vector<std::pair<std::string, std::int64_t>>& names,
                    std::int64_t inputs, bool bias) {
    auto layer = load_linear(load, names, inputs, bias);
    return eight_bits && !load.failure() ? layer.in_eight_bits() : layer;
  };
  out->embedding_ = load("model.embed_tokens.weight", {c.vocabulary, c.hidden});
  const auto query = c.heads * c.head_size, key = c.kv_heads * c.head_size;
  for (std::int64_t i = 0; i < c.layers && !load.failure(); ++i) {
    const std::string at = "model.layers." + std::to_string(i) + ".";
    const std::string self = at + "self_attn.", mlp = at + "mlp.";
    block b;
    b.attention_norm = load(at + "input_layernorm.weight", {c.hidden});
    b.qkv = linear({{self + "q_proj", query}, {self + "k_proj", key}, {self + "v_proj", key}},
                   c.hidden, c.qkv_bias);
    if (c.head_norms) {
      b.query_norm = load(self + "q_norm.weight", {c.head_size});
      b.key_norm = load(self + "k_norm.weight", {c.head_size});
    }
    b.output = linear({{self + "o_proj", c.hidden}}, query, c.output_bias);
    b.mlp_norm = load(at + "post_attention_layernorm.weight", {c.hidden});
    b.gate_up = linear({{mlp + "gate_proj", c.intermediate}, {mlp + "up_proj", c.intermediate}},
                       c.hidden, c.mlp_bias);
    b.down = linear({{mlp + "down_proj", c.hidden}}, c.intermediate, c.mlp_bias);
    out->blocks_.push_back(std::move(b));
  }
  out->norm_ = load("model.norm.weight", {c.hidden});
  if (!c.tied_embeddings)
    out->head_ = linear({{"lm_head", c.vocabulary}}, c.hidden, false);
  else if (eight_bits && !load.failure())
    out->head_ = linear_layer(out->embedding_, {}).in_eight_bits();
  else
    out->head_ = linear_layer(out->embedding_, {});
  if (load.failure()) return *load.failure();
  return std::shared_ptr<const decoder>(std::move(out));
}

kv_store decoder::make_store(std::int64_t blocks, std::int64_t block_size) const {
  c10::InferenceMode guard;
  kv_store out;
  out.block_size = block_size;
  const std::vector<std::int64_t> shape = {blocks * block_size, config_.kv_heads,
                                           config_.head_size};
  auto fresh = [&] {
    return embedding_.device().is_cpu() ? roomy_tensor(shape, embedding_.scalar_type())
                                        : torch::empty(shape, embedding_.options());
  };
  for (std::size_t i = 0; i < blocks_.size(); ++i) out.layers.push_back({fresh(), fresh()});
  return out;
}

std::string_view decoder::dtype() const noexcept {
  if (place_.form == weight_form::eight_bits) return "int8";
  const auto type = embedding_.scalar_type();
  return type == at::kBFloat16 ? "bf16" : type == at::kHalf ? "fp16" : "fp32";
}

std::int64_t decoder::weight_bytes() const noexcept {
  const bool own_head = !config_.tied_embeddings || place_.form == weight_form::eight_bits;
  auto out = static_cast<std::int64_t>(embedding_.nbytes()) + (own_head ? head_.bytes() : 0);
  for (const block& b : blocks_)
    for (const auto* l : {&b.qkv, &b.output, &b.gate_up, &b.down}) out += l->bytes();
  return out;
}

std::int64_t decoder::bytes_per_token() const noexcept {
  return 2 * config_.layers * config_.kv_heads * config_.head_size *
         static_cast<std::int64_t>(embedding_.element_size());
}

batch_rows decoder::lay_out(std::span<const sequence_rows> batch, std::int64_t block_size) const {
  std::vector<std::int64_t> ids, slots, wanted;
  std::vector<float> cosine, sine;
  batch_rows out;
  out.block_size = block_size;
  const auto device = embedding_.device();
  const double factor = rope_attention_factor(config_.rope);
  for (const sequence_rows& s : batch) {
    const auto count = std::ssize(s.tokens);
    const bool own = config_.rope.depends_on_length(s.length);
    const auto stretched = own ? rope_frequencies(config_.rope, s.length) : std::vector<double>();
    for (std::int64_t p = s.from; p < s.from + count; ++p) {
      slots.push_back(s.blocks[static_cast<std::size_t>(p / block_size)] * block_size +
                      p % block_size);
      for (const double f : own ? stretched : frequencies_) {
        cosine.push_back(static_cast<float>(std::cos(f * static_cast<double>(p)) * factor));
        sine.push_back(static_cast<float>(std::sin(f * static_cast<double>(p)) * factor));
      }
    }
    out.sequences.push_back({std::ssize(ids), count, s.from, s.blocks});
    ids.insert(ids.end(), s.tokens.begin(), s.tokens.end());
    if (s.wants_scores) wanted.push_back(std::ssize(ids) - 1);
  }
  auto moved = [&](const std::vector<std::int64_t>& v) {
    return torch::tensor(at::ArrayRef<std::int64_t>(v), torch::kInt64).to(device);
  };
  auto angles = [&](const std::vector<float>& v) {
    return torch::tensor(at::ArrayRef<float>(v), torch::kFloat32)
        .view({std::ssize(ids), 1, config_.head_size / 2})
        .to(device);
  };
  out.ids = moved(ids);
  out.slots = moved(slots);
  out.wanted = moved(wanted);
  out.cosine = angles(cosine);
  out.sine = angles(sine);
  return out;
}

torch::Tensor decoder::forward(std::span<const sequence_rows> batch, kv_store& store) const {
  c10::InferenceMode guard;
  const kernel_choice choice(place_.cpu_kernels);
  const model_config& c = config_;
  const batch_rows rows = lay_out(batch, store.block_size);
  const head_shape heads{c.heads, c.kv_heads, c.head_size, c.norm_epsilon};
  auto x = torch::embedding(embedding_, rows.ids);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const block& b = blocks_[i];
    const auto qkv = b.qkv(rms_norm(x, b.attention_norm, c.norm_epsilon));
    x.add_(b.output(attention(qkv, b.query_norm, b.key_norm, heads, store.layers[i], rows)));
    x.add_(b.down(gated(b.gate_up(rms_norm(x, b.mlp_norm, c.norm_epsilon)))));
  }
  const auto last = rms_norm(x.index_select(0, rows.wanted), norm_, c.norm_epsilon);
  return head_.apply(last, torch::kFloat32).to(torch::kCPU).contiguous();
}

}  // namespace troupe
