// troupe stages [NAME] [--graph GRAPH] [--plugins LIBRARY…] [--json]: what a graph can use, and
// how.

#include "cli/command.hpp"
#include "dsl/stage_help.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace troupe {

namespace {

struct stages_flags {
  std::string name, file;
  std::vector<std::string> plugins;
  bool json = false;
};

void list(const command_context& c, bool json) {
  if (json) {
    boost::json::array all;
    for (const auto& [name, type] : c.stages.all()) all.push_back(to_json(type));
    std::cout << boost::json::serialize(all) << '\n';
    return;
  }
  for (const auto& [name, type] : c.stages.all()) {
    std::string head = name;
    head.resize(std::max<std::size_t>(head.size() + 1, 16), ' ');
    std::cout << head << type.summary << '\n';
  }
}

void stages(command_context& c, const stages_flags& flags) {
  if (!load_plugins(c, flags.plugins)) return;
  if (!flags.file.empty() && !load_plugins_of(c, flags.file)) return;
  if (flags.name.empty()) return list(c, flags.json);
  const stage_type* type = c.stages.find(flags.name);
  if (!type)
    return complain(c, "there is no stage type `" + flags.name + "`; `troupe stages` lists them");
  if (flags.json)
    std::cout << boost::json::serialize(to_json(*type)) << '\n';
  else
    std::cout << help_of(*type);
}

}  // namespace

void add_stages(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("stages", "list the stage types, or tell all about one");
  auto flags = std::make_shared<stages_flags>();
  sub->add_option("name", flags->name, "a stage type");
  sub->add_option("--graph", flags->file, "a graph whose plugins are loaded as well");
  sub->add_option("--plugins", flags->plugins, "shared libraries that are loaded as well")
      ->allow_extra_args(false);
  sub->add_flag("--json", flags->json, "as JSON");
  sub->callback([&c, flags] { stages(c, *flags); });
}

}  // namespace troupe
