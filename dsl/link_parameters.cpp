#include "dsl/linking.hpp"
#include "dsl/suggest.hpp"

#include <algorithm>
#include <system_error>

namespace troupe {

namespace {

std::vector<std::string> names_of(const std::vector<param>& params) {
  std::vector<std::string> names;
  for (const param& p : params) names.push_back(p.name);
  return names;
}

std::vector<std::string> names_of(const std::vector<port>& ports) {
  std::vector<std::string> names;
  for (const port& p : ports) names.push_back(p.name);
  return names;
}

class stage_parameters {
 public:
  stage_parameters(linking& l, const stage_spec& spec, stage_node& node)
      : l_(l), spec_(spec), node_(node) {}

  /// False if the ports of the stage cannot be known.
  bool link() {
    if (!spec_.use.given()) return false;
    node_.type = l_.types.find(*spec_.use);
    if (!node_.type) {
      std::vector<std::string> names;
      for (const auto& [name, type] : l_.types.all()) names.push_back(name);
      l_.report("unknown-stage-type", "there is no stage type `" + *spec_.use + "`", spec_.use.at,
                suggest(*spec_.use, names));
      return false;
    }
    for (const auto& [key, given] : spec_.with.entries) check_known(key);
    value::table all;
    for (const param& p : node_.type->params)
      if (value v = read(p); !v.is_none()) all.emplace_back(p.name, std::move(v));
    node_.with = value(std::move(all));
    // Those that no parameter changes are known in any case.
    node_.ports = node_.type->ports;
    if (!fine_) return false;
    auto ports = node_.type->ports_for(node_.with);
    if (!ports && complained_) return false;
    if (!ports) {
      l_.report("bad-parameter", ports.error().message, place_of(ports.error().message));
      return false;
    }
    node_.ports = std::move(*ports);
    return true;
  }

 private:
  void check_known(const located<std::string>& key) {
    auto names = names_of(node_.type->params);
    if (std::ranges::find(names, *key) != names.end()) return;
    l_.report("unknown-parameter",
              "stage type `" + node_.type->name + "` has no parameter `" + *key + "`", key.at,
              names.empty() ? "it has no parameters" : suggest(*key, names));
  }

  value read(const param& p) {
    const located_value* given = spec_.with.find(p.name);
    if (!given) {
      if (p.required) {
        complain(p);
        l_.report("missing-parameter",
                  "stage type `" + node_.type->name + "` needs the parameter `" + p.name + "`",
                  spec_.use.at, p.name + ": " + p.doc);
      }
      return p.fallback;
    }
    if (has_gap(*given)) {
      fine_ = false;
      return {};
    }
    if (auto complaint = p.complaint(given->plain)) {
      complain(p);
      l_.report("bad-parameter", "`" + p.name + "` " + *complaint, place_in(p, *given),
                hint(p, *given));
      return p.fallback;
    }
    check_meaning(p, *given);
    return given->plain;
  }

  void complain(const param& p) {
    complained_ = true;
    fine_ = fine_ && !shapes_ports(p);
  }

  /// Slots are named in texts, lists and tables only.
  static bool shapes_ports(const param& p) {
    const bool holds_names = p.type == slot_type::text || p.type == slot_type::list ||
                             p.type == slot_type::table || p.type == slot_type::any;
    return holds_names && p.one_of.empty() && p.meaning != param::meaning_type::time_span;
  }

  /// A date has been reported by the reader and has no value.
  static bool has_gap(const located_value& given) {
    return given.plain.is_none() || std::ranges::any_of(given.items, has_gap);
  }

  /// The item that is to blame, if one is; else the whole value.
  static source_range place_in(const param& p, const located_value& given) {
    if (given.plain.type() == slot_type::list && p.type == slot_type::list)
      for (const located_value& item : given.items)
        if (p.complaint(value(value::list{item.plain}))) return item.at;
    return given.at;
  }

  static std::string hint(const param& p, const located_value& given) {
    if (p.one_of.empty()) return {};
    std::string_view near = nearest_name(given.plain.to_text(), p.one_of);
    return near.empty() ? "" : "did you mean `" + std::string(near) + "`?";
  }

  /// Errors about a parameter that was read begin with its name: "`from` has …".
  source_range place_of(std::string_view message) const {
    if (message.starts_with('`'))
      if (const auto* v = spec_.with.find(message.substr(1, message.find('`', 1) - 1)))
        return v->at;
    return spec_.with.at.known() ? spec_.with.at : spec_.use.at;
  }

  void check_meaning(const param& p, const located_value& given) {
    for (const located_value& item : given.items) check_meaning(p, item);
    if (given.plain.type() != slot_type::text || given.plain.as_text().empty()) return;
    const std::string& text = given.plain.as_text();
    switch (p.meaning) {
      case param::meaning_type::file:
        return check_file(text, given.at, false);
      case param::meaning_type::folder:
      case param::meaning_type::model:
        return check_file(text, given.at, true);
      case param::meaning_type::engine_name:
        return check_engine(text, given.at);
      default:
        return;
    }
  }

  void check_file(const std::string& path, source_range at, bool folder) {
    std::error_code unused;
    auto full = l_.spec.file.parent_path() / path;
    auto status = std::filesystem::status(full, unused);
    std::string what = folder ? "folder" : "file";
    if (!std::filesystem::exists(status))
      return l_.report("missing-file", "there is no " + what + " `" + path + "`", at,
                       "paths start at the folder of the graph file");
    if (std::filesystem::is_directory(status) != folder)
      l_.report("missing-file", "`" + path + "` is no " + what, at);
  }

  void check_engine(const std::string& name, source_range at) {
    std::vector<std::string> names;
    for (const auto& m : l_.spec.models) names.push_back(*m.name);
    if (std::ranges::find(names, name) == names.end())
      l_.report("unknown-model", "there is no model `" + name + "`", at,
                names.empty() ? "write a table [model." + name + "]" : suggest(name, names));
  }

  linking& l_;
  const stage_spec& spec_;
  stage_node& node_;
  bool fine_ = true;  ///< what the ports depend on is known
  bool complained_ = false;
};

void check_renames(linking& l, const std::vector<rename_spec>& renames,
                   const std::vector<port>& ports, std::string_view use, std::string_view verb) {
  auto names = names_of(ports);
  for (const rename_spec& r : renames)
    if (std::ranges::find(names, *r.port) == names.end())
      l.report("unknown-port",
               "stage type `" + std::string(use) + "` " + std::string(verb) + " no `" + *r.port +
                   "` here",
               r.port.at, suggest(*r.port, names));
}

/// A sub-graph's end: its ports, and in its parameters what stands for inputs that are left out.
void link_border(const border_spec& border, stage_node& node) {
  value::table defaults;
  node.ports = {};
  for (const auto& p : border.ports) {
    const std::string doc = border.which == border_spec::side::entry ? "an input of the sub-graph"
                                                                     : "a slot of the sub-graph";
    node.ports.in.push_back({p.name, p.type, !p.fallback.is_none(), doc});
    node.ports.out.push_back({p.name, p.type, false, doc});
    if (!p.fallback.is_none()) defaults.emplace_back(p.name, p.fallback);
  }
  value::table with = node.with.as_table();
  with.emplace_back("defaults", std::move(defaults));
  node.with = value(std::move(with));
}

}  // namespace

void link_parameters(linking& l) {
  for (std::size_t i = 0; i < l.spec.stages.size(); ++i) {
    const stage_spec& spec = l.spec.stages[i];
    stage_node& node = l.out.stages[i];
    if (spec.damaged_writes) l.lost_ports(i);
    if (!stage_parameters(l, spec, node).link()) {
      l.lost_ports(i);
      if (!spec.use.given() || !node.type) continue;
    }
    if (spec.border) link_border(*spec.border, node);
    // A rename may be among what could not be read.
    if (spec.damaged_reads) node.ports.in.clear();
    if (spec.damaged_writes) node.ports.out.clear();
    if (l.unknown[i].ports) continue;
    if (!spec.damaged_reads) check_renames(l, spec.in, node.ports.in, *spec.use, "reads");
    check_renames(l, spec.out, node.ports.out, *spec.use, "writes");
  }
}

}  // namespace troupe
