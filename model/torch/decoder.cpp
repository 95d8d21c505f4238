#include "model/torch/decoder.hpp"

#include "model/cpu_linear.hpp"
#include "model/torch/rows.hpp"

#include <cmath>

namespace troupe {

decoder::block decoder::load_block(const linear_loader& load, std::int64_t layer) const {
  const model_config& c = config_;
  tensor_loader& tensors = load.tensors();
  const std::string at = "model.layers." + std::to_string(layer) + ".";
  const std::string self = at + "self_attn.", mlp = at + "mlp.";
  const auto query = c.heads * c.head_size, key = c.kv_heads * c.head_size;
  block b;
  b.attention_norm = tensors(at + "input_layernorm.weight", {c.hidden});
  if (c.latent) {
    b.latent.emplace(load, c, self);
  } else {
    b.qkv = load({{self + "q_proj", query}, {self + "k_proj", key}, {self + "v_proj", key}},
                 c.hidden, c.qkv_bias);
    b.output = load({{self + "o_proj", c.hidden}}, query, c.output_bias);
  }
  if (c.head_norms) {
    b.query_norm = tensors(self + "q_norm.weight", {c.head_size});
    b.key_norm = tensors(self + "k_norm.weight", {c.head_size});
  }
  b.mlp_norm = tensors(at + "post_attention_layernorm.weight", {c.hidden});
  if (c.experts && c.experts->layers[static_cast<std::size_t>(layer)])
    b.experts.emplace(load, c, mlp);
  else
    b.mlp = load_gated_mlp(load, mlp, c.hidden, c.intermediate, c.mlp_bias);
  return b;
}

result<std::shared_ptr<const decoder>> decoder::load(const model_config& config,
                                                     const weight_files& files,
                                                     const decoder_place& place) {
  c10::InferenceMode guard;
  auto out = std::make_shared<decoder>();
  const model_config& c = out->config_ = config;
  out->place_ = place;
  out->frequencies_ = rope_frequencies(c.rope, 0);
  tensor_loader tensors(files, place.device, place.type, {c.scale_rows, c.scale_columns});
  const bool in_panels = place.form == weight_form::as_type && place.runs_on_kernels();
  const linear_loader load(tensors, in_panels ? weight_form::panels : place.form);
  auto embedding = tensors("model.embed_tokens.weight", {c.vocabulary, c.hidden});
  for (std::int64_t i = 0; i < c.layers && !tensors.failure(); ++i)
    out->blocks_.push_back(out->load_block(load, i));
  out->norm_ = tensors("model.norm.weight", {c.hidden});
  out->head_ =
      c.tied_embeddings ? load(embedding, {}) : load({{"lm_head", c.vocabulary}}, c.hidden, false);
  if (tensors.failure()) return *tensors.failure();
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
  auto fresh = [&](std::int64_t heads, std::int64_t size) {
    const std::vector<std::int64_t> shape = {blocks * block_size, heads, size};
    return place_.device.is_cpu()
               ? roomy_tensor(shape, place_.type)
               : torch::empty(shape, torch::TensorOptions(place_.type).device(place_.device));
  };
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (config_.latent) {
      const auto keys = fresh(1, latent_attention::cached(*config_.latent));
      out.layers.push_back({keys, keys});
    } else {
      out.layers.push_back(
          {fresh(config_.kv_heads, config_.head_size), fresh(config_.kv_heads, config_.head_size)});
    }
  }
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
  for (const block& b : blocks_) {
    out += b.latent ? b.latent->bytes() : b.qkv.bytes() + b.output.bytes();
    out += b.experts ? b.experts->bytes() : b.mlp.bytes();
  }
  return out;
}

std::int64_t decoder::bytes_per_token() const noexcept {
  const auto elements = config_.latent ? latent_attention::cached(*config_.latent)
                                       : 2 * config_.kv_heads * config_.head_size;
  return config_.layers * elements * static_cast<std::int64_t>(at::elementSize(place_.type));
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
        .view({std::ssize(ids), 1, config_.rope.size / 2})
        .to(device);
  };
  out.ids = moved(ids);
  out.slots = moved(slots);
  out.wanted = moved(wanted);
  out.cosine = angles(cosine);
  out.sine = angles(sine);
  return out;
}

void decoder::add_attention(torch::Tensor& x, const block& b, kv_store::layer& cache,
                            const batch_rows& rows) const {
  const auto normal = rms_norm(x, b.attention_norm, config_.norm_epsilon);
  if (b.latent) {
    x.add_((*b.latent)(normal, cache, rows));
    return;
  }
  const head_shape heads{config_.heads, config_.kv_heads, config_.head_size, config_.norm_epsilon};
  b.output.add_to(x, attention(b.qkv(normal), b.query_norm, b.key_norm, heads, cache, rows));
}

torch::Tensor decoder::forward(std::span<const sequence_rows> batch, kv_store& store) const {
  c10::InferenceMode guard;
  const kernel_choice choice(place_.cpu_kernels);
  const model_config& c = config_;
  const batch_rows rows = lay_out(batch, store.block_size);
  auto x = shares_embedding() ? head_.weights_of(rows.ids) : torch::embedding(embedding_, rows.ids);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const block& b = blocks_[i];
    add_attention(x, b, store.layers[i], rows);
    const auto normal = rms_norm(x, b.mlp_norm, c.norm_epsilon);
    if (b.experts)
      x.add_((*b.experts)(normal));
    else
      b.mlp.down.add_to(x, b.mlp.gate_up(normal));
  }
  const auto last = rms_norm(x.index_select(0, rows.wanted), norm_, c.norm_epsilon);
  return head_.apply(last, torch::kFloat32).to(torch::kCPU).contiguous();
}

}  // namespace troupe
