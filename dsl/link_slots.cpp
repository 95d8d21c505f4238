#include "dsl/linking.hpp"
#include "dsl/template_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

const rename_spec* rename_of(const std::vector<rename_spec>& renames, std::string_view port) {
  for (const rename_spec& r : renames)
    if (*r.port == port) return &r;
  return nullptr;
}

/// The place of `{name}`, `{name.key}` or `{name?}` in a text among the parameters: that is where a
/// template reads a slot.
std::optional<source_range> place_in_template(const linking& l, const located_value& v,
                                              std::string_view name) {
  if (v.plain.type() == slot_type::text)
    for (const template_hole& hole : holes_in(v.plain.as_text()))
      if (hole.slot() == name) return l.inside(v.at, hole.at, hole.length);
  for (const auto& [key, inner] : v.entries)
    if (auto place = place_in_template(l, inner, name)) return place;
  for (const auto& inner : v.items)
    if (auto place = place_in_template(l, inner, name)) return place;
  return std::nullopt;
}

/// The place of a key among the parameters: that is where a stage such as `set` names its slots.
std::optional<source_range> place_of_key(const located_value& v, std::string_view name) {
  for (const auto& [key, inner] : v.entries) {
    if (*key == name) return key.at;
    if (auto place = place_of_key(inner, name)) return place;
  }
  return std::nullopt;
}

/// Where a stage says that it writes to a port that is not renamed.
source_range place_of_port(const stage_spec& spec, const stage_node& node, std::size_t index) {
  if (index >= node.type->ports.out.size())
    if (auto place = place_of_key(spec.with, node.ports.out[index].name)) return *place;
  return spec.use.at;
}

/// What kinds of values reach one slot, and from where.
class slot_writers {
 public:
  explicit slot_writers(linking& l) : l_(l) {}

  slot_id add(std::string_view slot, slot_type type, const std::string& writer, source_range at) {
    slot_id id = l_.intern(slot);
    auto index = static_cast<std::size_t>(id);
    if (index >= first_.size()) {
      first_.resize(index + 1);
      first_[index] = writer;
      l_.out.slot_types[index] = type;
      return id;
    }
    slot_type& known = l_.out.slot_types[index];
    if (converts(type, known)) {
      if (type == slot_type::any) known = type;
    } else if (converts(known, type)) {
      known = type;
    } else {
      l_.report("type-mismatch",
                writer + " writes " + std::string(name_of(type)) + " into the slot `" +
                    std::string(slot) + "`, but " + first_[index] + " puts " +
                    std::string(name_of(known)) + " there",
                at, "give one of them a slot of its own: out = { … = \"…\" }");
    }
    return id;
  }

 private:
  linking& l_;
  std::vector<std::string> first_;
};

void link_inputs(linking& l, slot_writers& writers) {
  for (const input_spec& in : l.spec.inputs) {
    if (!in.type.given()) {
      // The reader has reported the type; the slot is still there.
      writers.add(*in.name, slot_type::any, "the caller", in.name.at);
      continue;
    }
    graph_input made;
    made.slot = writers.add(*in.name, *in.type, "the caller", in.name.at);
    made.type = *in.type;
    if (in.fallback) made.fallback = in.fallback->plain;
    l.out.inputs.push_back(std::move(made));
  }
}

/// What stands before the names of slots that are not renamed.
const std::string& scope_of_inputs(const stage_spec& spec) {
  const bool leaves = spec.border && spec.border->which == border_spec::side::exit;
  return leaves ? spec.border->inside : spec.scope;
}
const std::string& scope_of_outputs(const stage_spec& spec) {
  const bool enters = spec.border && spec.border->which == border_spec::side::entry;
  return enters ? spec.border->inside : spec.scope;
}

/// A template's `{name?}` may be missing in some runs, but one that is in all of them is a slip.
/// What a stage type itself reads only if it is there is none.
void warn_if_never_written(linking& l, std::size_t stage, std::size_t index,
                           const std::string& name) {
  const stage_spec& spec = l.spec.stages[stage];
  const stage_node& node = l.out.stages[stage];
  if (spec.border || index < node.type->ports.in.size() || !l.is_no_slot(name)) return;
  const std::string& port = node.ports.in[index].name;
  const auto place = place_in_template(l, spec.with, port);
  if (!place) return;
  // A sub-graph's stage knows the slots of its own file by the names that they have there.
  std::vector<std::string> names;
  const std::string& scope = scope_of_inputs(spec);
  for (const std::string& slot : l.readable_slots())
    if (slot.starts_with(scope) && slot.find('.', scope.size()) == slot.npos)
      names.push_back(slot.substr(scope.size()));
  l.warn("never-written",
         "`" + port + "` is always missing: no stage writes it and no input supplies it", *place,
         l.hint_for(port, names));
}

void link_in_port(linking& l, std::size_t stage, std::size_t index) {
  const stage_spec& spec = l.spec.stages[stage];
  stage_node& node = l.out.stages[stage];
  const port& p = node.ports.in[index];
  const rename_spec* renamed = rename_of(spec.in, p.name);
  if (renamed && !renamed->slot.given()) {
    node.in.push_back(no_slot);
    return;
  }
  std::string name = renamed ? *renamed->slot : scope_of_inputs(spec) + p.name;
  source_range at = place_of_input(l, stage, index);

  if (spec.each && *spec.each->as == name) {
    node.in.push_back(l.find_slot(name));
    return;
  }
  slot_id id = l.find_slot(name);
  bool known = id != no_slot && !l.item_slots.contains(name);
  if (!known && p.optional && !renamed) {
    warn_if_never_written(l, stage, index, name);
    node.in.push_back(no_slot);
    return;
  }
  if (!known) {
    node.in.push_back(l.slot({name, at}, "for stage `" + node.name + "` to read"));
    return;
  }
  node.in.push_back(id);
  if (!converts(l.type_of(id), p.type))
    l.report("type-mismatch",
             "stage `" + node.name + "` reads `" + name + "` as " + std::string(name_of(p.type)) +
                 ", but it holds " + std::string(name_of(l.type_of(id))),
             at, p.doc.empty() ? "" : "`" + p.name + "` is " + p.doc);
}

void link_out_port(linking& l, slot_writers& writers, std::size_t stage, const port& p,
                   const rename_spec* renamed) {
  const stage_spec& spec = l.spec.stages[stage];
  stage_node& node = l.out.stages[stage];
  const std::string name = renamed ? *renamed->slot : scope_of_outputs(spec) + p.name;
  source_range at =
      renamed ? renamed->slot.at
              : place_of_port(spec, node, static_cast<std::size_t>(&p - node.ports.out.data()));
  slot_id known = l.find_slot(name);
  auto twin = known == no_slot ? node.out.end() : std::ranges::find(node.out, known);
  if (twin != node.out.end()) {
    const port& other = node.ports.out[static_cast<std::size_t>(twin - node.out.begin())];
    l.report("duplicate-name",
             "stage `" + node.name + "` writes `" + other.name + "` and `" + p.name +
                 "` into one slot, `" + name + "`",
             at);
    node.out.push_back(known);
    return;
  }
  // What an `each` writes is collected into a list.
  slot_type type = spec.each ? slot_type::list : p.type;
  node.out.push_back(writers.add(name, type, "stage `" + node.name + "`", at));
}

void link_each(linking& l, const stage_spec& spec, stage_node& node) {
  each_policy each;
  each.concurrency = static_cast<int>(*spec.each->concurrency);
  each.max = static_cast<int>(*spec.each->max);
  each.over = l.slot(spec.each->over, "to go over");
  each.as = l.find_slot(*spec.each->as);
  if (each.over != no_slot && !converts(l.type_of(each.over), slot_type::list))
    l.report("type-mismatch",
             "`over` needs a list, but `" + *spec.each->over + "` holds " +
                 std::string(name_of(l.type_of(each.over))),
             spec.each->over.at);
  node.each = each;
}

}  // namespace

source_range place_of_input(const linking& l, std::size_t stage, std::size_t index) {
  const stage_spec& spec = l.spec.stages[stage];
  const stage_node& node = l.out.stages[stage];
  const std::string& name = node.ports.in[index].name;
  if (const rename_spec* renamed = rename_of(spec.in, name)) return renamed->slot.at;
  if (spec.border)
    if (const rename_spec* renamed = rename_of(spec.out, name)) return renamed->port.at;
  if (index >= node.type->ports.in.size())
    if (auto place = place_in_template(l, spec.with, name)) return *place;
  return spec.use.at;
}

source_range place_of_output(const linking& l, std::size_t stage, slot_id slot) {
  const stage_spec& spec = l.spec.stages[stage];
  for (const rename_spec& r : spec.out)
    if (r.slot.given() && *r.slot == l.name_of_slot(slot)) return r.slot.at;
  const stage_node& node = l.out.stages[stage];
  for (std::size_t k = 0; k < node.out.size(); ++k)
    if (node.out[k] == slot) return place_of_port(spec, node, k);
  return spec.use.at;
}

void link_writers(linking& l) {
  slot_writers writers(l);
  link_inputs(l, writers);
  for (std::size_t i = 0; i < l.spec.stages.size(); ++i) {
    const stage_spec& spec = l.spec.stages[i];
    stage_node& node = l.out.stages[i];
    for (const port& p : node.ports.out) {
      const rename_spec* renamed = rename_of(spec.out, p.name);
      if (renamed && !renamed->slot.given()) {
        l.lost_ports(i);
        node.out.push_back(no_slot);
        continue;
      }
      link_out_port(l, writers, i, p, renamed);
    }
  }
  for (const stage_spec& spec : l.spec.stages) {
    if (!spec.each || !spec.each->as.given()) continue;
    const auto& as = spec.each->as;
    if (l.find_slot(*as) != no_slot && !l.item_slots.contains(*as))
      l.report("duplicate-name",
               "`as` would hide the slot `" + *as + "`, which is written elsewhere", as.at,
               "choose another name");
    else
      l.item_slots.insert(*as);
    l.intern(*as);
  }
}

void link_readers(linking& l) {
  for (std::size_t i = 0; i < l.spec.stages.size(); ++i) {
    const stage_spec& spec = l.spec.stages[i];
    stage_node& node = l.out.stages[i];
    if (spec.each) link_each(l, spec, node);
    for (std::size_t k = 0; k < node.ports.in.size(); ++k) link_in_port(l, i, k);
  }
  l.out.output = l.slot(l.spec.output, "to give back");
  for (const auto& name : l.spec.persist) {
    slot_id id = l.slot(name, "to keep");
    if (id != no_slot) l.out.persist.push_back(id);
  }
}

}  // namespace troupe
