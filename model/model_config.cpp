#include "model/model_config.hpp"

#include <boost/json.hpp>

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
  explicit config_reader(const json::object& o) : o_(o) {}

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

  double number(const char* key, double fallback) const {
    const auto* v = find(key);
    if (!v) return fallback;
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

  [[noreturn]] static void fail(const std::string& key, const std::string& what) {
    throw std::invalid_argument("`" + key + "` " + what);
  }

 private:
  const json::object& o_;
};

bool is_text(const json::value* v, std::string_view text) {
  return v && v->is_string() && std::string_view(v->get_string()) == text;
}

/// A model_type also names classifiers and others that share its layers.
bool is_decoder(const json::value* architectures) {
  if (!architectures) return true;
  const auto* names = architectures->if_array();
  return names && names->size() == 1 && is_text(&names->front(), "LlamaForCausalLM");
}

bool is_default_rope(const json::value* scaling) {
  if (!scaling) return true;
  const auto* o = scaling->if_object();
  if (!o) return false;
  const auto* type = o->if_contains("rope_type");
  return is_text(type ? type : o->if_contains("type"), "default");
}

}  // namespace

result<model_config> parse_model_config(std::string_view text, const std::string& name) try {
  const json::value root = json::parse(text);
  const config_reader in(root.as_object());
  in.refuse_unless(is_text(in.find("model_type"), "llama"), "model_type");
  in.refuse_unless(is_decoder(in.find("architectures")), "architectures");
  const auto* activation = in.find("hidden_act");
  in.refuse_unless(!activation || is_text(activation, "silu"), "hidden_act");
  // Transformers 5 writes `rope_parameters` in place of `rope_scaling` and `rope_theta`.
  for (const char* key : {"rope_scaling", "rope_parameters"})
    in.refuse_unless(is_default_rope(in.find(key)), key);
  for (const char* key : {"attention_bias", "mlp_bias"}) in.refuse_unless(!in.flag(key), key);
  in.refuse_unless(!in.find("quantization_config"), "quantization_config");

  model_config c;
  c.hidden = in.size("hidden_size");
  c.intermediate = in.size("intermediate_size");
  c.layers = in.size("num_hidden_layers");
  c.heads = in.size("num_attention_heads");
  c.kv_heads = in.size("num_key_value_heads", c.heads);
  c.head_size = in.size("head_dim", std::max<std::int64_t>(c.hidden / c.heads, 1));
  c.vocabulary = in.size("vocab_size");
  c.context = in.size("max_position_embeddings", 2048);
  c.norm_epsilon = in.number("rms_norm_eps", 1e-6);
  c.rope_theta = in.number("rope_theta", 10000);
  if (const auto* rope = in.find("rope_parameters"))
    c.rope_theta = config_reader(rope->get_object()).number("rope_theta", c.rope_theta);
  c.tied_embeddings = in.flag("tie_word_embeddings");
  if (c.heads % c.kv_heads != 0)
    in.fail("num_attention_heads", "is not a multiple of num_key_value_heads");
  if (c.head_size % 2 != 0) in.fail("head_dim", "is odd");
  if (auto begin = in.ids("bos_token_id"); !begin.empty()) c.begin = begin.front();
  c.end = in.ids("eos_token_id");
  for (token_id id : c.end)
    if (id >= c.vocabulary) in.fail("eos_token_id", "is outside of the vocabulary");
  if (c.begin && *c.begin >= c.vocabulary) in.fail("bos_token_id", "is outside of the vocabulary");
  return c;
} catch (const std::exception& e) {
  return error{errc::invalid_request, "cannot use the model `" + name + "`: " + e.what()};
}

result<model_config> read_model_config(const std::filesystem::path& folder) {
  const auto file = folder / "config.json";
  std::ifstream in(file);
  if (!in)
    return error{errc::not_found, "cannot read `" + file.string() +
                                      "`: a model is a folder in Hugging Face's layout"};
  return parse_model_config(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
}

}  // namespace troupe
