#include "model/torch/decoder.hpp"

#include "model/cpu_linear.hpp"
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
  auto in_form = [&](linear_layer layer) {
    if (load.failure()) return layer;
    if (place.form == weight_form::eight_bits) return layer.in_eight_bits();
    return place.runs_on_kernels() ? layer.in_panels() : layer;
  };
  auto linear = [&](const std::vector<std::pair<std::string, std::int64_t>>& names,
                    std::int64_t inputs, bool bias, product_form form = product_form::plain) {
    return in_form(load_linear(load, names, inputs, bias, form));
  };
  auto embedding = load("model.embed_tokens.weight", {c.vocabulary, c.hidden});
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
                       c.hidden, c.mlp_bias, product_form::gated);
    b.down = linear({{mlp + "down_proj", c.hidden}}, c.intermediate, c.mlp_bias);
    out->blocks_.push_back(std::move(b));
  }
  out->norm_ = load("model.norm.weight", {c.hidden});
  out->head_ = c.tied_embeddings ? in_form(linear_layer(embedding, {}))
                                 : linear({{"lm_head", c.vocabulary}}, c.hidden, false);
  if (load.failure()) return *load.failure();
  if (!out->shares_embedding()) out->embedding_ = std::move(embedding);
  return std::shared_ptr<const decoder>(std::move(out));
}

bool decoder_place::runs_on_kernels() const {
  return cpu_kernels && has_cpu_kernels() && device.is_cpu() &&
         (type == at::kFloat || type == at::kBFloat16);
}

kv_store decoder::make_store(std::int64_t blocks, std::int64_t block_size) const {
  c10::InferenceMode guard;
  kv_store out;
  out.block_size = block_size;
  const std::vector<std::int64_t> shape = {blocks * block_size, config_.kv_heads,
                                           config_.head_size};
  auto fresh = [&] {
    return place_.device.is_cpu()
               ? roomy_tensor(shape, place_.type)
               : torch::empty(shape, torch::TensorOptions(place_.type).device(place_.device));
  };
  for (std::size_t i = 0; i < blocks_.size(); ++i) out.layers.push_back({fresh(), fresh()});
  return out;
}

std::string_view decoder::dtype() const noexcept {
  if (place_.form == weight_form::eight_bits) return "int8";
  const auto type = place_.type;
  return type == at::kBFloat16 ? "bf16" : type == at::kHalf ? "fp16" : "fp32";
}

std::int64_t decoder::weight_bytes() const noexcept {
  auto out = head_.bytes();
  if (embedding_.defined()) out += static_cast<std::int64_t>(embedding_.nbytes());
  for (const block& b : blocks_)
    for (const auto* l : {&b.qkv, &b.output, &b.gate_up, &b.down}) out += l->bytes();
  return out;
}

std::int64_t decoder::bytes_per_token() const noexcept {
  return 2 * config_.layers * config_.kv_heads * config_.head_size *
         static_cast<std::int64_t>(at::elementSize(place_.type));
}

batch_rows decoder::lay_out(std::span<const sequence_rows> batch, std::int64_t block_size) const {
  std::vector<std::int64_t> ids, slots, wanted;
  std::vector<float> cosine, sine;
  batch_rows out;
  out.block_size = block_size;
  const auto device = place_.device;
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
  auto x = shares_embedding() ? head_.weights_of(rows.ids) : torch::embedding(embedding_, rows.ids);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const block& b = blocks_[i];
    const auto qkv = b.qkv(rms_norm(x, b.attention_norm, c.norm_epsilon));
    b.output.add_to(x, attention(qkv, b.query_norm, b.key_norm, heads, store.layers[i], rows));
    b.down.add_to(x, b.gate_up(rms_norm(x, b.mlp_norm, c.norm_epsilon)));
  }
  const auto last = rms_norm(x.index_select(0, rows.wanted), norm_, c.norm_epsilon);
  return head_.apply(last, torch::kFloat32).to(torch::kCPU).contiguous();
}

}  // namespace troupe
