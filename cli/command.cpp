#include "cli/command.hpp"

#include "cli/versions.hpp"
#include "dsl/suggest.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace troupe {

namespace {

namespace fs = std::filesystem;

fs::path executable_folder() {
  std::error_code ec;
  return fs::read_symlink("/proc/self/exe", ec).parent_path();
}

/// A path goes from the graph's folder; a bare name is looked for as lib<name>.so there, in the
/// folders of $TROUPE_PLUGIN_PATH, and in `plugins/` beside the program.
fs::path find_plugin(const std::string& name, const fs::path& base) {
  if (name.find('/') != std::string::npos || name.ends_with(".so")) return base / name;
  const auto file = "lib" + name + ".so";
  std::vector<fs::path> folders{base};
  if (const char* path = std::getenv("TROUPE_PLUGIN_PATH")) {
    std::string_view rest = path;
    while (!rest.empty()) {
      folders.emplace_back(rest.substr(0, rest.find(':')));
      const auto colon = rest.find(':');
      rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
  }
  folders.push_back(executable_folder() / "plugins");
  folders.push_back(executable_folder() / ".." / "lib" / "troupe");
  for (const fs::path& folder : folders)
    if (fs::exists(folder / file)) return folder / file;
  return base / file;
}

/// What tells a file from another that takes its place.
std::string edition_of(const fs::path& file) {
  struct stat s {};
  if (stat(file.c_str(), &s) != 0) return {};
  return std::to_string(s.st_dev) + ' ' + std::to_string(s.st_ino) + ' ' +
         std::to_string(s.st_size) + ' ' + std::to_string(s.st_mtim.tv_sec) + '.' +
         std::to_string(s.st_mtim.tv_nsec);
}

/// dlopen takes a path that it knows for the library that it has: a new edition needs a new name.
void* open_under_another_name(const fs::path& file) {
  std::string name = (fs::temp_directory_path() / "troupe-plugin-XXXXXX").string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) return nullptr;
  close(descriptor);
  std::error_code ec;
  fs::copy_file(file, name, fs::copy_options::overwrite_existing, ec);
  void* handle = ec ? nullptr : dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  fs::remove(name, ec);
  return handle;
}

void* open_plugin(command_context& c, const fs::path& file) {
  const auto edition = edition_of(file);
  auto& known = c.plugins[fs::absolute(file).lexically_normal().string()];
  if (known.handle && known.edition == edition) return known.handle;
  void* handle =
      known.handle ? open_under_another_name(file) : dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle) known = {handle, edition};
  return handle;
}

std::optional<diagnostic> load_plugin(command_context& c, registry& types,
                                      const located<std::string>& name, const fs::path& base) {
  const auto path = find_plugin(name.value, base);
  void* handle = open_plugin(c, path);
  if (!handle)
    return diagnostic{severity::error, "plugin",
                      "the plugin `" + name.value + "` cannot be loaded: " + std::string(dlerror()),
                      name.at, "build it, or name its folder in TROUPE_PLUGIN_PATH"};
  using entry = void (*)(registry&);
  auto* enter = reinterpret_cast<entry>(dlsym(handle, "troupe_register_stages"));
  if (!enter)
    return diagnostic{severity::error, "plugin",
                      "`" + path.string() + "` has no `troupe_register_stages`", name.at,
                      "write TROUPE_PLUGIN(registry) { registry.add<your_stage>(); } in it"};
  auto* layout = reinterpret_cast<unsigned (*)()>(dlsym(handle, "troupe_plugin_layout"));
  if (!layout || layout() != plugin_layout)
    return diagnostic{severity::error, "plugin",
                      "`" + path.string() + "` was built against another version of troupe",
                      name.at, "build it again"};
  enter(types);
  return std::nullopt;
}

}  // namespace

void complain(command_context& c, std::string_view message) {
  std::cerr << "troupe: " << message << '\n';
  c.outcome = exit_code::failed;
}

bool load_plugins(command_context& c, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (auto finding = load_plugin(c, c.stages, {name, {}}, fs::current_path())) {
      complain(c, finding->message + "; " + finding->hint);
      return false;
    }
  return true;
}

bool load_plugins_of(command_context& c, const std::string& file) {
  auto text = read_graph_file(file);
  if (!text) {
    complain(c, text.error().message);
    return false;
  }
  for (const read_result& f : read_graph_files(*text, file).files)
    for (const auto& name : f.spec.plugins)
      if (auto finding = load_plugin(c, c.stages, name, fs::absolute(f.spec.file).parent_path())) {
        complain(c, finding->message + "; " + finding->hint);
        return false;
      }
  return true;
}

loaded load_with_plugins(command_context& c, std::string text, const std::string& file,
                         const load_options& options) {
  return load_with_plugins(c, c.stages, std::move(text), file, options);
}

loaded load_with_plugins(command_context& c, registry& types, std::string text,
                         const std::string& file, const load_options& options) {
  // The stage types of plugins must be known before the graph can be linked.
  std::vector<diagnostic> missing;
  for (const read_result& f : read_graph_files(text, file, options.kept).files)
    for (const auto& name : f.spec.plugins)
      if (auto finding = load_plugin(c, types, name, fs::absolute(f.spec.file).parent_path()))
        missing.push_back(std::move(*finding));
  loaded l = load_graph_text(std::move(text), file, types, options);
  if (!missing.empty()) {
    // Unknown stage types are only the consequence.
    l.graph = nullptr;
    std::erase_if(l.diagnostics,
                  [](const diagnostic& d) { return d.kind == "unknown-stage-type"; });
    l.diagnostics.insert(l.diagnostics.begin(), missing.begin(), missing.end());
  }
  return l;
}

loaded load_graph_findings(command_context& c, const std::string& file,
                           const load_options& options) {
  auto text = read_graph_file(file);
  return text ? load_with_plugins(c, std::move(*text), file, options) : load_graph(file, c.stages);
}

std::shared_ptr<const graph> load_graph_file(command_context& c, const std::string& file,
                                             const load_options& o) {
  loaded l = load_graph_findings(c, file, o);
  if (l.diagnostics.size() == 1 && l.diagnostics[0].kind == "unreadable") {
    complain(c, l.diagnostics[0].message);
    return nullptr;
  }
  if (!l.diagnostics.empty()) std::cerr << render(l);
  if (!l.graph) c.outcome = exit_code::failed;
  return l.graph;
}

std::optional<running_graph> start_graph(command_context& c, std::shared_ptr<const graph> plan,
                                         const start_options& o) {
  running_graph r;
  if (o.data.empty()) {
    r.records = make_memory_store();
  } else {
    auto opened = open_rocksdb_store(o.data);
    if (!opened) {
      complain(c, opened.error().message);
      return std::nullopt;
    }
    r.records = std::move(*opened);
  }
  runtime_options options;
  auto versions = std::make_shared<version_loader>(c, o.engines);
  auto first = versions->equip(plan);
  if (!first) {
    complain(c, first.error().message);
    return std::nullopt;
  }
  options.plan = std::move(first->plan);
  options.services = std::make_shared<stage_services>(*first->services);
  options.records = r.records.get();
  options.threads = o.threads;
  options.time = o.time;
  options.keep = o.keep;
  options.journal = o.data.empty() ? runtime_options::journal_type::direct
                                   : runtime_options::journal_type::grouped;
  options.reload = [versions](const graph_record& g) { return versions->load(g); };
  options.renew = [versions, file = plan->file, name = plan->name] {
    return versions->load(file, name);
  };
  auto started = troupe::runtime::start(std::move(options));
  if (!started) {
    complain(c, started.error().message);
    return std::nullopt;
  }
  r.runtime = std::move(*started);
  return r;
}

std::optional<value::table> parse_inputs(command_context& c, const graph& plan,
                                         const std::vector<std::string>& pairs) {
  value::table out;
  for (const std::string& pair : pairs) {
    const auto equals = pair.find('=');
    const auto name = pair.substr(0, equals);
    if (equals == std::string::npos) {
      complain(c, "`--set " + pair + "` must be slot=value");
      return std::nullopt;
    }
    const auto input = std::ranges::find(plan.inputs, name, [&](const graph_input& i) {
      return plan.slots[static_cast<std::size_t>(i.slot)];
    });
    if (input == plan.inputs.end()) {
      std::vector<std::string> names;
      for (const graph_input& i : plan.inputs)
        names.push_back(plan.slots[static_cast<std::size_t>(i.slot)]);
      complain(c, "`--set " + pair + "`: the graph `" + plan.name + "` takes no input `" + name +
                      "`; its inputs are " + quoted_list(names));
      return std::nullopt;
    }
    if (std::ranges::find(out, name, &value::table::value_type::first) != out.end()) {
      complain(c, "`--set " + pair + "`: the input `" + name + "` is set already");
      return std::nullopt;
    }
    auto v = value_from_text(input->type, pair.substr(equals + 1));
    if (!v) {
      complain(c, "`--set " + pair + "`: " + v.error().message);
      return std::nullopt;
    }
    out.emplace_back(name, std::move(*v));
  }
  return out;
}

}  // namespace troupe
