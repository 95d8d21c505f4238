// troupe schema: the graph language as a JSON Schema, for editors.

#include "dsl/schema.hpp"
#include "cli/command.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace troupe {

void add_schema(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("schema", "print a JSON Schema of graphs, for editors");
  auto plugins = std::make_shared<std::vector<std::string>>();
  auto file = std::make_shared<std::string>();
  sub->add_option("--plugins", *plugins, "shared libraries whose stages are part of it")
      ->allow_extra_args(false);
  sub->add_option("--graph", *file, "a graph whose plugins are part of it");
  sub->callback([&c, plugins, file] {
    if (!load_plugins(c, *plugins)) return;
    if (!file->empty() && !load_plugins_of(c, *file)) return;
    std::cout << boost::json::serialize(schema_of(c.stages)) << '\n';
  });
}

}  // namespace troupe
