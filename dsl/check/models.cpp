#include "dsl/linking.hpp"
#include "dsl/suggest.hpp"

#include <algorithm>
#include <system_error>

namespace troupe {

namespace {

const model_spec* find_model(const linking& l, std::string_view name) {
  auto it = std::ranges::find_if(l.spec.models, [&](auto& m) { return *m.name == name; });
  return it == l.spec.models.end() ? nullptr : &*it;
}

void check_fallback(linking& l, const model_spec& model) {
  if (!model.fallback.given()) return;
  if (!find_model(l, *model.fallback)) {
    std::vector<std::string> names;
    for (const auto& m : l.spec.models)
      if (*m.name != *model.name) names.push_back(*m.name);
    return l.report("unknown-model", "there is no model `" + *model.fallback + "` to fall back on",
                    model.fallback.at, suggest(*model.fallback, names));
  }
  std::string chain = *model.name;
  const model_spec* at = &model;
  for (std::size_t hops = 0; hops < l.spec.models.size() && at && at->fallback.given(); ++hops) {
    chain += " → " + *at->fallback;
    if (*at->fallback == *model.name)
      return l.report("model-cycle", "models fall back on each other: " + chain, model.fallback.at,
                      "let the last one have no `fallback`");
    at = find_model(l, *at->fallback);
  }
}

void check_folder(linking& l, const model_spec& model) {
  if (*model.kind != "local" || !model.path.given()) return;
  std::error_code unused;
  if (!std::filesystem::is_directory(l.spec.file.parent_path() / *model.path, unused))
    l.report("missing-file", "there is no folder `" + *model.path + "`", model.path.at,
             "paths start at the folder of the graph file");
}

void check_certificates(linking& l, const model_spec& model) {
  const located_value* file = model.all.find("ca_file");
  if (!file || file->plain.type() != slot_type::text) return;
  std::error_code unused;
  const auto& name = file->plain.as_text();
  if (!std::filesystem::is_regular_file(l.spec.file.parent_path() / name, unused))
    l.report("missing-file", "there is no file `" + name + "`", file->at,
             "paths start at the folder of the graph file");
}

/// Models that a stage names, and those that these fall back on. A stage that may name one and
/// does not takes the only one.
void warn_of_unused(linking& l) {
  for (const diagnostic& d : l.findings)
    if (d.kind == "unknown-model") return;
  std::vector<std::string> used;
  for (const stage_node& node : l.out.stages) {
    if (!node.type) return;
    for (const param& p : node.type->params) {
      if (p.meaning != param::meaning_type::engine_name) continue;
      const value* v = node.with.find(p.name);
      bool named = v && v->type() == slot_type::text && !v->as_text().empty();
      if (named)
        used.push_back(v->as_text());
      else if (l.spec.models.size() == 1)
        used.push_back(*l.spec.models[0].name);
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    const model_spec* m = find_model(l, used[i]);
    if (m && m->fallback.given() && std::ranges::find(used, *m->fallback) == used.end())
      used.push_back(*m->fallback);
  }
  for (const model_spec& m : l.spec.models)
    if (std::ranges::find(used, *m.name) == used.end())
      l.warn("unused-model", "no stage uses the model `" + *m.name + "`", m.name.at);
}

}  // namespace

void check_models(linking& l) {
  for (const model_spec& model : l.spec.models) {
    check_fallback(l, model);
    check_folder(l, model);
    check_certificates(l, model);
  }
  warn_of_unused(l);
}

}  // namespace troupe
