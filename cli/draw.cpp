// troupe draw GRAPH [--format terminal|mermaid|dot]: a picture of a graph.

#include "dsl/draw.hpp"
#include "cli/command.hpp"

#include <iostream>

namespace troupe {

namespace {

using draw_function = std::string (*)(const graph&);
const std::map<std::string, draw_function> formats = {
    {"terminal", draw_terminal}, {"mermaid", draw_mermaid}, {"dot", draw_dot}};

}  // namespace

void add_draw(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("draw", "draw a graph: in the terminal, for Mermaid or Graphviz");
  auto file = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("terminal");
  sub->add_option("graph", *file, "the TOML file")->required();
  sub->add_option("--format", *format, "terminal, mermaid or dot")
      ->check(CLI::IsMember({"terminal", "mermaid", "dot"}))
      ->capture_default_str();
  sub->callback([&c, file, format] {
    if (auto plan = load_graph_file(c, *file)) std::cout << formats.at(*format)(*plan);
  });
}

}  // namespace troupe
