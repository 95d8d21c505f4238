#include "dsl/linking.hpp"
#include "dsl/template_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool has_no_keys(slot_type type) {
  return type == slot_type::text || type == slot_type::boolean || type == slot_type::integer ||
         type == slot_type::floating;
}

/// Placeholders of a stage's templates that take a key of what has none: filling them fails in
/// every run. One that may be missing is nothing then, and harmless.
class template_types {
 public:
  template_types(linking& l, std::size_t stage)
      : l_(l), spec_(l.spec.stages[stage]), node_(l.out.stages[stage]) {}

  void check() {
    for (const auto& [key, given] : spec_.with.entries) check_texts(*key, given, given);
  }

 private:
  void check_texts(const std::string& param, const located_value& whole, const located_value& v) {
    for (const auto& [key, inner] : v.entries) check_texts(param, whole, inner);
    for (const located_value& inner : v.items) check_texts(param, whole, inner);
    if (v.plain.type() != slot_type::text) return;
    for (const template_hole& hole : holes_in(v.plain.as_text())) {
      if (hole.optional || !hole.has_keys()) continue;
      const slot_type type = type_read_as(hole.slot());
      if (!has_no_keys(type) || !is_template(param, whole, v)) continue;
      const std::string name(hole.slot());
      l_.report("type-mismatch",
                "this template takes `" + std::string(hole.path) + "`, but `" + name + "` is " +
                    std::string(name_of(type)) + " and has no keys",
                l_.inside(v.at, hole.at, hole.length), "write `{" + name + "}`");
    }
  }

  /// What the slot holds that the stage reads under this name.
  slot_type type_read_as(std::string_view name) const {
    for (std::size_t k = 0; k < node_.in.size(); ++k)
      if (node_.ports.in[k].name == name && node_.in[k] != no_slot) return l_.type_of(node_.in[k]);
    return slot_type::any;
  }

  /// Whether the stage takes this text for a template: then one more placeholder is one more input.
  bool is_template(const std::string& param, const located_value& whole,
                   const located_value& text) const {
    static constexpr std::string_view probe = "troupe_probe";
    value::table with = node_.with.as_table();
    for (auto& [name, given] : with)
      if (name == param)
        given = replaced(whole, text, text.plain.as_text() + "{" + std::string(probe) + "}");
    const auto ports = node_.type->ports_for(value(std::move(with)));
    return ports && std::ranges::any_of(ports->in, [](auto& p) { return p.name == probe; });
  }

  static value replaced(const located_value& v, const located_value& place,
                        const std::string& text) {
    if (&v == &place) return value(text);
    if (v.plain.type() == slot_type::table) {
      value::table out;
      for (const auto& [key, inner] : v.entries)
        out.emplace_back(*key, replaced(inner, place, text));
      return value(std::move(out));
    }
    if (v.plain.type() == slot_type::list) {
      value::list out;
      for (const located_value& inner : v.items) out.push_back(replaced(inner, place, text));
      return value(std::move(out));
    }
    return v.plain;
  }

  linking& l_;
  const stage_spec& spec_;
  const stage_node& node_;
};

}  // namespace

void check_templates(linking& l) {
  for (std::size_t i = 0; i < l.out.stages.size(); ++i)
    if (l.out.stages[i].type && !l.unknown[i].ports && !l.spec.stages[i].border)
      template_types(l, i).check();
}

}  // namespace troupe
