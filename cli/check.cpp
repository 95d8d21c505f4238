// troupe check GRAPH: reads and links a graph, and says all that is wrong with it.

#include "cli/command.hpp"

#include <iostream>

namespace troupe {

void add_check(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("check", "find what is wrong with a graph, before it runs");
  auto file = std::make_shared<std::string>();
  sub->add_option("graph", *file, "the TOML file")->required();
  sub->callback([&c, file] {
    auto plan = load_graph_file(c, *file);
    if (!plan) return;
    std::cout << "ok: graph `" << plan->name << "` with " << plan->stages.size() << " stages and "
              << plan->slots.size() << " slots\n";
  });
}

}  // namespace troupe
