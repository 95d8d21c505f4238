#include "model/model_config.hpp"

#include "model/model_config_parts.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace troupe {

namespace {

namespace json = boost::json;

bool is_text(const json::value* v, std::string_view text) {
  return v && v->is_string() && std::string_view(v->get_string()) == text;
}

using read_part = void (*)(const config_reader&, model_config&);

/// What a `model_type` means where its files say nothing.
struct family {
  std::string_view type, architecture;
  bool qkv_bias = false, head_norms = false;
  std::int64_t head_size = 0;  ///< 0: hidden size by heads
  read_part latent = nullptr, experts = nullptr;
};
constexpr std::array families = {
    family{"llama", "LlamaForCausalLM"},
    family{.type = "qwen2", .architecture = "Qwen2ForCausalLM", .qkv_bias = true},
    family{.type = "qwen2_moe",
           .architecture = "Qwen2MoeForCausalLM",
           .qkv_bias = true,
           .experts = read_qwen2_experts},
    family{
        .type = "qwen3", .architecture = "Qwen3ForCausalLM", .head_norms = true, .head_size = 128},
    family{.type = "qwen3_moe",
           .architecture = "Qwen3MoeForCausalLM",
           .head_norms = true,
           .experts = read_qwen3_experts},
    family{.type = "deepseek_v2",
           .architecture = "DeepseekV2ForCausalLM",
           .latent = read_latent,
           .experts = read_deepseek_v2_experts},
    family{.type = "deepseek_v3",
           .architecture = "DeepseekV3ForCausalLM",
           .latent = read_latent,
           .experts = read_deepseek_v3_experts}};

/// A model_type also names classifiers and others that share its layers.
const family& family_of(const config_reader& in) {
  for (const family& f : families) {
    if (!in.is_text("model_type", f.type)) continue;
    const auto* architectures = in.find("architectures");
    if (!architectures) return f;
    const auto* names = architectures->if_array();
    in.refuse_unless(names && names->size() == 1 && is_text(&names->front(), f.architecture),
                     "architectures");
    return f;
  }
  in.refuse_unless(false, "model_type");
  return families.front();
}

/// Windows that are as long as the context change nothing.
void refuse_windows(const config_reader& in, const model_config& c) {
  const auto* types = in.find("layer_types");
  if (in.count("sliding_window", types ? 0 : 4096) >= c.context) return;
  if (types) {
    const auto* names = types->if_array();
    in.refuse_unless(
        names && std::ranges::all_of(
                     *names, [](const json::value& v) { return is_text(&v, "full_attention"); }),
        "layer_types");
    return;
  }
  // In the first `max_window_layers` layers of Qwen2 and Qwen3 there are none.
  const bool beyond = c.experts || in.count("max_window_layers", 28) < c.layers;
  if (in.flag("use_sliding_window") && beyond) in.refuse_unless(false, "use_sliding_window");
}

/// Weights may be in eight bits as DeepSeek-V3's are; other quantisations are refused.
void read_quantisation(const config_reader& in, model_config& c) {
  const auto* v = in.find("quantization_config");
  if (!v) return;
  const char* key = "quantization_config";
  in.refuse_unless(v->is_object(), key);
  const config_reader o(v->get_object(), std::string(key) + ".");
  const auto* block = o.find("weight_block_size");
  const auto* sizes = block ? block->if_array() : nullptr;
  const bool known = o.is_text("quant_method", "fp8") && sizes && sizes->size() == 2 &&
                     (!o.find("fmt") || o.is_text("fmt", "e4m3"));
  in.refuse_unless(known, key);
  for (auto& n : *sizes)
    if (!n.is_int64() || n.get_int64() < 1) o.fail("weight_block_size", "is no pair of sizes");
  c.scale_rows = (*sizes)[0].get_int64();
  c.scale_columns = (*sizes)[1].get_int64();
}

}  // namespace

result<model_config> parse_model_config(std::string_view text, const std::string& name) try {
  const json::value root = json::parse(text);
  const config_reader in(root.as_object());
  const family& kind = family_of(in);
  in.refuse_unless(!in.find("hidden_act") || in.is_text("hidden_act", "silu"), "hidden_act");

  model_config c;
  c.family = kind.type;
  c.hidden = in.size("hidden_size");
  c.intermediate = in.size("intermediate_size");
  c.layers = in.size("num_hidden_layers");
  c.heads = in.size("num_attention_heads");
  c.kv_heads = in.size("num_key_value_heads", c.heads);
  c.head_size =
      in.size("head_dim",
              kind.head_size > 0 ? kind.head_size : std::max<std::int64_t>(c.hidden / c.heads, 1));
  c.vocabulary = in.size("vocab_size");
  c.context = in.size("max_position_embeddings", 2048);
  c.norm_epsilon = in.number("rms_norm_eps", 1e-6);
  c.tied_embeddings = in.flag("tie_word_embeddings");
  // Qwen2 has biases whatever its file says; in the others one key stands for all four.
  const bool biases = in.flag("attention_bias");
  c.qkv_bias = kind.qkv_bias || biases;
  c.output_bias = !kind.qkv_bias && biases;
  c.mlp_bias = kind.type == "llama" && in.flag("mlp_bias");
  c.head_norms = kind.head_norms;
  if (kind.latent) kind.latent(in, c);
  if (kind.experts) kind.experts(in, c);
  if (c.heads % c.kv_heads != 0)
    in.fail("num_attention_heads", "is not a multiple of num_key_value_heads");
  if (c.head_size % 2 != 0 && !c.latent) in.fail("head_dim", "is odd");
  read_rope(in, c);
  refuse_windows(in, c);
  read_quantisation(in, c);
  if (auto begin = in.ids("bos_token_id"); !begin.empty()) c.begin = begin.front();
  c.end = in.ids("eos_token_id");
  for (token_id id : c.end)
    if (id >= c.vocabulary) in.fail("eos_token_id", "is outside of the vocabulary");
  if (c.begin && *c.begin >= c.vocabulary) in.fail("bos_token_id", "is outside of the vocabulary");
  return c;
} catch (const std::exception& e) {
  return error{errc::invalid_request, "cannot use the model `" + name + "`: " + e.what()};
}

result<model_config> read_model_config(const std::filesystem::path& folder) try {
  auto text_of = [](const std::filesystem::path& file) -> std::optional<std::string> {
    std::ifstream in(file);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto file = folder / "config.json";
  const auto text = text_of(file);
  if (!text)
    return error{errc::not_found, "cannot read `" + file.string() +
                                      "`: a model is a folder in Hugging Face's layout"};
  auto config = parse_model_config(*text, file.string());
  if (!config) return config;
  if (const auto more = text_of(folder / "generation_config.json")) {
    const json::value root = json::parse(*more);
    for (token_id id : config_reader(root.as_object()).ids("eos_token_id"))
      if (id < config->vocabulary && std::ranges::find(config->end, id) == config->end.end())
        config->end.push_back(id);
  }
  return config;
} catch (const std::exception& e) {
  return error{
      errc::invalid_request,
      "cannot use the model `" + (folder / "generation_config.json").string() + "`: " + e.what()};
}

}  // namespace troupe
