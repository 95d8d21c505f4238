#include "cli/versions.hpp"

#include "model/engines.hpp"
#include "transport/http_client.hpp"

#include <algorithm>

namespace troupe {

namespace {

namespace fs = std::filesystem;

/// Name, size and age of a model's files: they may be replaced under the same path.
std::string files_of(const fs::path& folder) {
  std::error_code ec;
  std::vector<std::string> files;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code gone;
    const auto size = fs::is_regular_file(it->path(), gone) ? fs::file_size(it->path(), gone) : 0;
    const auto time = fs::last_write_time(it->path(), gone).time_since_epoch().count();
    files.push_back(it->path().string() + ' ' + std::to_string(size) + ' ' + std::to_string(time));
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const std::string& f : files) all += f + '\n';
  return all;
}

/// The stage types of one version, and the graph that points into them.
struct held_graph {
  registry types;
  std::shared_ptr<const graph> plan;
};

}  // namespace

result<std::shared_ptr<engine>> version_loader::engine_of(const model_spec& spec,
                                                          const fs::path& base) {
  std::string key = *spec.name + '\n' + spec.all.plain.to_text() + '\n';
  if (!spec.path.value.empty()) key += files_of(base / spec.path.value);
  std::erase_if(opened_, [](const auto& known) { return known.second.expired(); });
  if (auto known = opened_.find(key); known != opened_.end())
    if (auto shared = known->second.lock()) return shared;
  auto fresh = open_engine(spec, base, make_http_client);
  if (fresh) opened_[key] = *fresh;
  return fresh;
}

result<graph_version> version_loader::equip(std::shared_ptr<const graph> plan) {
  auto services = std::make_shared<stage_services>();
  services->base = fs::absolute(plan->file).parent_path();
  services->models = context_.models;
  auto http = make_http_client();
  if (!http) return std::move(http).error();
  services->http = std::move(*http);
  auto engines = open_engines(
      plan->models, [&](const model_spec& m) { return engine_of(m, services->base); }, given_);
  if (!engines) return std::move(engines).error();
  services->engines = *std::move(engines);
  return graph_version{std::move(plan), std::move(services)};
}

result<graph_version> version_loader::load(std::string text, const fs::path& file,
                                           std::vector<graph_source> kept,
                                           const std::string& name) {
  auto held = std::make_shared<held_graph>();
  held->types = context_.own_stages;
  loaded l = load_with_plugins(context_, held->types, std::move(text), file.string(),
                               {.scripted_models = {}, .kept = std::move(kept)});
  if (!l.graph) return error{errc::invalid_request, render(l)};
  if (!name.empty() && l.graph->name != name)
    return error{errc::invalid_request, "the graph is called `" + l.graph->name +
                                            "` now, and this server serves `" + name +
                                            "`: start one of its own for it"};
  held->plan = std::move(l.graph);
  return equip({held, held->plan.get()});
}

result<graph_version> version_loader::load(const fs::path& file, const std::string& name) {
  auto text = read_graph_file(file);
  if (!text) return error{errc::invalid_request, text.error().message};
  return load(std::move(*text), file, {}, name);
}

result<graph_version> version_loader::load(const graph_record& kept) {
  return load(kept.text, kept.file, kept.inner, "");
}

}  // namespace troupe
