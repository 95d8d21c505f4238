#include "model/model_config.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace troupe {

namespace {

namespace json = boost::json;

/// Reads one config.json; throws what parse_model_config turns into an error value.
class config_reader {
 public:
  explicit config_reader(const json::object& o, std::string prefix = {})
      : o_(o), prefix_(std::move(prefix)) {}

  const json::value* find(const char* key) const {
    const auto* v = o_.if_contains(key);
    return v && !v->is_null() ? v : nullptr;
  }

  std::int64_t size(const char* key, std::int64_t fallback = 0) const {
    const auto* v = find(key);
    if (!v && fallback > 0) return fallback;
    if (!v) fail(key, "is missing");
    const auto n = v->is_int64() ? v->get_int64() : 0;
    if (n < 1 || n > 100'000'000) fail(key, "is not a size");
    return n;
  }

  double number(const char* key, std::optional<double> fallback = std::nullopt) const {
    const auto* v = find(key);
    if (!v && fallback) return *fallback;
    if (!v) fail(key, "is missing");
    if (!v->is_number()) fail(key, "is not a number");
    const auto n = v->to_number<double>();
    if (!(n > 0) || !std::isfinite(n)) fail(key, "is not above 0");
    return n;
  }

  bool flag(const char* key) const {
    const auto* v = find(key);
    if (v && !v->is_bool()) fail(key, "is neither true nor false");
    return v && v->get_bool();
  }

  /// One id or a list of ids.
  std::vector<token_id> ids(const char* key) const {
    const auto* v = find(key);
    if (!v) return {};
    std::vector<token_id> out;
    const json::array one = v->is_array() ? v->get_array() : json::array{*v};
    for (auto& id : one) {
      if (!id.is_int64() || id.get_int64() < 0) fail(key, "is not a token id");
      out.push_back(id.get_int64());
    }
    return out;
  }

  void refuse_unless(bool supported, const char* key) const {
    if (supported) return;
    const auto* v = find(key);
    fail(key, "= " + (v ? json::serialize(*v) : "null") + " is not supported");
  }

  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw std::invalid_argument("`" + prefix_ + key + "` " + what);
  }

 private:
  const json::object& o_;
  std::string prefix_;
};

bool is_text(const json::value* v, std::string_view text) {
  return v && v->is_string() && std::string_view(v->get_string()) == text;
}

/// What a `model_type` means where its files say nothing.
struct family {
  std::string_view type, architecture;
  bool qkv_bias, head_norms;
  std::int64_t head_size;  ///< 0: hidden size by heads
};
constexpr std::array families = {family{"llama", "LlamaForCausalLM", false, false, 0},
                                 family{"qwen2", "Qwen2ForCausalLM", true, false, 0},
                                 family{"qwen3", "Qwen3ForCausalLM", false, true, 128}};

/// A model_type also names classifiers and others that share its layers.
const family& family_of(const config_reader& in) {
  for (const family& f : families) {
    if (!is_text(in.find("model_type"), f.type)) continue;
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

constexpr std::array rope_kinds = {
    std::pair{"default", rope_kind::plain}, std::pair{"linear", rope_kind::linear},
    std::pair{"dynamic", rope_kind::dynamic}, std::pair{"llama3", rope_kind::llama3},
    std::pair{"yarn", rope_kind::yarn}};

rope_kind rope_kind_of(const config_reader& in, const char* key) {
  const auto* o = in.find(key)->if_object();
  in.refuse_unless(o, key);
  const auto* type = o->if_contains("rope_type");
  if (!type) type = o->if_contains("type");
  for (auto& [name, kind] : rope_kinds)
    if (is_text(type, name)) return kind;
  in.refuse_unless(false, key);
  return rope_kind::plain;
}

/// Transformers 5 writes `rope_parameters` in place of `rope_scaling` and `rope_theta`.
void read_rope(const config_reader& in, model_config& c) {
  rope_settings& r = c.rope;
  r.size = c.head_size;
  r.theta = in.number("rope_theta", 10000);
  r.original_context = c.context;
  const char* key = in.find("rope_parameters") ? "rope_parameters" : "rope_scaling";
  if (!in.find(key)) return;
  r.kind = rope_kind_of(in, key);
  const config_reader o(in.find(key)->get_object(), std::string(key) + ".");
  r.theta = o.number("rope_theta", r.theta);
  if (o.number("partial_rotary_factor", 1) != 1)
    o.fail("partial_rotary_factor", "is not supported");
  if (r.kind == rope_kind::plain) return;
  const bool has_original = o.find("original_max_position_embeddings");
  r.original_context = o.size("original_max_position_embeddings", c.context);
  if (r.kind == rope_kind::yarn && !o.find("factor") && has_original)
    r.factor = static_cast<double>(c.context) / static_cast<double>(r.original_context);
  else
    r.factor = o.number("factor");
  if (r.factor < 1) o.fail("factor", "is below 1");
  r.low_factor = o.number("low_freq_factor", r.low_factor);
  r.high_factor = o.number("high_freq_factor", r.high_factor);
  if (r.low_factor >= r.high_factor) o.fail("high_freq_factor", "is not above low_freq_factor");
  r.beta_fast = o.number("beta_fast", r.beta_fast);
  r.beta_slow = o.number("beta_slow", r.beta_slow);
  if (o.find("truncate")) r.whole_borders = o.flag("truncate");
  if (o.find("attention_factor")) r.attention_factor = o.number("attention_factor");
  if (o.find("mscale")) r.mscale = o.number("mscale");
  if (o.find("mscale_all_dim")) r.mscale_all_dims = o.number("mscale_all_dim");
  // These two name the original context where others name the stretched one.
  if (r.kind == rope_kind::dynamic || r.kind == rope_kind::yarn) {
    const double stretched = static_cast<double>(r.original_context) * r.factor;
    c.context = std::max(c.context, static_cast<std::int64_t>(std::min(stretched, 1e8)));
  }
}

void refuse_windows(const config_reader& in, const model_config& c) {
  if (in.flag("use_sliding_window") && in.size("sliding_window", c.context) < c.context)
    in.refuse_unless(false, "use_sliding_window");
  const auto* types = in.find("layer_types");
  if (!types) return;
  const auto* names = types->if_array();
  in.refuse_unless(
      names && std::ranges::all_of(
                   *names, [](const json::value& v) { return is_text(&v, "full_attention"); }),
      "layer_types");
}

}  // namespace

result<model_config> parse_model_config(std::string_view text, const std::string& name) try {
  const json::value root = json::parse(text);
  const config_reader in(root.as_object());
  const family& kind = family_of(in);
  const auto* activation = in.find("hidden_act");
  in.refuse_unless(!activation || is_text(activation, "silu"), "hidden_act");
  in.refuse_unless(!in.find("quantization_config"), "quantization_config");

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
  c.mlp_bias = in.flag("mlp_bias");
  c.head_norms = kind.head_norms;
  if (c.heads % c.kv_heads != 0)
    in.fail("num_attention_heads", "is not a multiple of num_key_value_heads");
  if (c.head_size % 2 != 0) in.fail("head_dim", "is odd");
  read_rope(in, c);
  refuse_windows(in, c);
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
