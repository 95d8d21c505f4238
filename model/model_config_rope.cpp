#include "model/model_config_parts.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

namespace json = boost::json;

constexpr std::array kinds = {
    std::pair{"default", rope_kind::plain}, std::pair{"linear", rope_kind::linear},
    std::pair{"dynamic", rope_kind::dynamic}, std::pair{"llama3", rope_kind::llama3},
    std::pair{"yarn", rope_kind::yarn}};

/// Transformers 5 writes `rope_parameters` in place of `rope_scaling` and `rope_theta`; where both
/// say something, the older key counts.
const char* key_of(const config_reader& in) {
  for (const char* key : {"rope_scaling", "rope_parameters"})
    if (const auto* v = in.find(key); v && !(v->is_object() && v->get_object().empty())) return key;
  return nullptr;
}

rope_kind kind_of(const config_reader& in, const char* key) {
  const auto* o = in.find(key)->if_object();
  in.refuse_unless(o, key);
  const auto* type = o->if_contains("rope_type");
  if (!type) type = o->if_contains("type");
  // Settings without a name, as of kinds of layers apart, are not guessed at.
  if (!type) {
    in.refuse_unless(o->size() == 1 && o->contains("rope_theta"), key);
    return rope_kind::plain;
  }
  for (auto& [name, kind] : kinds)
    if (type->is_string() && std::string_view(type->get_string()) == name) return kind;
  in.refuse_unless(false, key);
  return rope_kind::plain;
}

/// For these 0 means that nothing is said.
double number_or_0(const config_reader& in, const char* key) {
  const auto* v = in.find(key);
  return v && v->is_number() && v->to_number<double>() == 0 ? 0 : v ? in.number(key) : 0;
}

void read_yarn(const config_reader& o, rope_settings& r) {
  if (const double n = number_or_0(o, "beta_fast"); n > 0) r.beta_fast = n;
  if (const double n = number_or_0(o, "beta_slow"); n > 0) r.beta_slow = n;
  r.whole_borders = o.flag("truncate", true);
  if (o.find("attention_factor")) r.attention_factor = o.number("attention_factor");
  r.mscale = number_or_0(o, "mscale");
  r.mscale_all_dims = number_or_0(o, "mscale_all_dim");
}

}  // namespace

void read_rope(const config_reader& in, model_config& c) {
  rope_settings& r = c.rope;
  r.size = c.latent ? c.latent->rotary_size : c.head_size;
  r.theta = in.number("rope_theta", 10000);
  r.original_context = c.context;
  if (in.number("partial_rotary_factor", 1) != 1) in.refuse_unless(false, "partial_rotary_factor");
  const char* key = key_of(in);
  if (!key) return;
  r.kind = kind_of(in, key);
  const config_reader o(in.find(key)->get_object(), std::string(key) + ".");
  r.theta = o.number("rope_theta", r.theta);
  if (o.number("partial_rotary_factor", 1) != 1) o.refuse_unless(false, "partial_rotary_factor");
  if (r.kind == rope_kind::plain) return;
  const bool keeps_original = r.kind == rope_kind::llama3 || r.kind == rope_kind::yarn;
  const config_reader& original = in.find("original_max_position_embeddings") ? in : o;
  const bool has_original = original.find("original_max_position_embeddings");
  if (keeps_original)
    r.original_context = original.size("original_max_position_embeddings", c.context);
  if (r.kind == rope_kind::yarn && !o.find("factor") && has_original)
    r.factor = static_cast<double>(c.context) / static_cast<double>(r.original_context);
  else
    r.factor = o.number("factor");
  if (r.factor < 1) o.fail("factor", "is below 1");
  r.low_factor = o.number("low_freq_factor", r.low_factor);
  r.high_factor = o.number("high_freq_factor", r.high_factor);
  if (r.low_factor >= r.high_factor) o.fail("high_freq_factor", "is not above low_freq_factor");
  if (r.kind == rope_kind::yarn) read_yarn(o, r);
  // These two name the original context where others name the stretched one.
  if (r.kind == rope_kind::dynamic || r.kind == rope_kind::yarn) {
    const double stretched = static_cast<double>(r.original_context) * r.factor;
    c.context = std::max(c.context, static_cast<std::int64_t>(std::min(stretched, 1e8)));
  }
}

}  // namespace troupe
