#include "dsl/inner_stages.hpp"

#include <algorithm>

namespace troupe {

namespace {

class prefixer {
 public:
  explicit prefixer(const std::string& prefix) : prefix_(prefix) {}
  void operator()(located<std::string>& name) const {
    if (name.given()) name.value = prefix_ + name.value;
  }
  void operator()(std::vector<rename_spec>& renames) const {
    for (rename_spec& r : renames) (*this)(r.slot);
  }

 private:
  const std::string& prefix_;
};

/// The whole table again, after its entries were changed.
void rebuild(located_value& table) {
  value::table plain;
  for (const auto& [key, v] : table.entries) plain.emplace_back(*key, v.plain);
  table.plain = value(std::move(plain));
}

void move_paths(located_value& v, const std::filesystem::path& folder) {
  if (v.plain.type() == slot_type::text && !v.plain.as_text().empty())
    v.plain = value(moved_path(v.plain.as_text(), folder));
  if (v.plain.type() != slot_type::list) return;
  value::list items;
  for (located_value& item : v.items) {
    move_paths(item, folder);
    items.push_back(item.plain);
  }
  v.plain = value(std::move(items));
}

/// The parameter by which a stage asks the only model of its graph without naming it, if it does.
const param* unnamed_model(const stage_node& node) {
  const stage_type& type = *node.type;
  const auto asks =
      std::ranges::find(type.params, param::meaning_type::engine_name, &param::meaning);
  if (asks == type.params.end()) return nullptr;
  const value* name = node.with.find(asks->name);
  if (name && !name->to_text().empty()) return nullptr;
  if (type.cost && type.cost(node.with).model_calls == 0) return nullptr;
  return &*asks;
}

}  // namespace

stage_spec moved_stage(stage_spec spec, const std::string& prefix) {
  const prefixer put(prefix);
  put(spec.name);
  put(spec.in);
  put(spec.out);
  put(spec.on_error);
  for (edge_spec& e : spec.next) {
    put(e.to);
    put(e.best_by);
    put(e.exhausted);
  }
  if (spec.fan_out) {
    for (auto& name : spec.fan_out->all) put(name);
    put(spec.fan_out->join);
  }
  if (spec.each) {
    put(spec.each->over);
    put(spec.each->as);
  }
  spec.scope = prefix + spec.scope;
  if (spec.border) spec.border->inside = prefix + spec.border->inside;
  return spec;
}

void name_only_model(stage_spec& spec, const stage_node& node,
                     const std::vector<model_spec>& models) {
  if (models.size() != 1) return;
  const param* asks = unnamed_model(node);
  if (!asks) return;
  std::erase_if(spec.with.entries, [&](const located_entry& e) { return *e.key == asks->name; });
  located_value name;
  name.plain = value(*models[0].name);
  name.at = spec.use.at;
  spec.with.entries.push_back({{asks->name, spec.use.at}, std::move(name)});
  rebuild(spec.with);
}

std::string moved_path(const std::string& path, const std::filesystem::path& folder) {
  return path.empty() ? path : (folder / path).lexically_normal().string();
}

void move_files(stage_spec& spec, const stage_type& type, const std::filesystem::path& folder) {
  using meaning = param::meaning_type;
  for (const param& p : type.params) {
    if (p.meaning != meaning::file && p.meaning != meaning::folder && p.meaning != meaning::model)
      continue;
    for (auto& [key, v] : spec.with.entries)
      if (*key == p.name) move_paths(v, folder);
  }
  if (!spec.with.entries.empty()) rebuild(spec.with);
}

std::vector<bool> stages_in_branches(const graph& g) {
  std::vector<bool> found(g.stages.size());
  for (const stage_node& split : g.stages) {
    if (!split.split) continue;
    std::vector<stage_id> open = split.split->all;
    while (!open.empty()) {
      const stage_id here = open.back();
      open.pop_back();
      if (here == no_stage || here == split.split->join) continue;
      const auto index = static_cast<std::size_t>(here);
      if (found[index]) continue;
      found[index] = true;
      const stage_node& n = g.stages[index];
      for (const edge& e : n.next) {
        open.push_back(e.to);
        open.push_back(e.exhausted);
      }
      open.push_back(n.on_error);
      if (n.split) open.push_back(n.split->join);
    }
  }
  return found;
}

}  // namespace troupe
