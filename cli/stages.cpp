// troupe stages [NAME] [--graph GRAPH]: what a graph can use, and how.

#include "cli/command.hpp"

#include <iostream>

namespace troupe {

namespace {

void print_ports(std::string_view title, const std::vector<port>& ports) {
  if (ports.empty()) return;
  std::cout << '\n' << title << '\n';
  for (const port& p : ports) {
    std::string head = p.name + (p.optional ? "?" : "") + " (" + std::string(name_of(p.type)) + ")";
    head.resize(std::max<std::size_t>(head.size() + 1, 26), ' ');
    std::cout << "  " << head << p.doc << '\n';
  }
}

void print_stage(const stage_type& t) {
  std::cout << t.name;
  if (!t.summary.empty()) std::cout << ": " << t.summary;
  std::cout << '\n';
  print_ports("reads", t.ports.in);
  print_ports("writes", t.ports.out);
  if (t.params.empty()) return;
  std::cout << "\nparameters\n";
  for (const param& p : t.params) {
    std::string head = p.name + " (" + std::string(name_of(p.type)) + ")";
    head.resize(std::max<std::size_t>(head.size() + 1, 26), ' ');
    std::cout << "  " << head << p.doc;
    if (p.required)
      std::cout << "; required";
    else if (!p.fallback.is_none()) {
      std::string fallback;
      append_json(fallback, p.fallback);
      std::cout << "; default " << fallback;
    }
    std::cout << '\n';
  }
}

}  // namespace

void add_stages(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("stages", "list the stage types, or tell all about one");
  auto name = std::make_shared<std::string>();
  auto file = std::make_shared<std::string>();
  sub->add_option("name", *name, "a stage type");
  sub->add_option("--graph", *file, "a graph whose plugins are loaded as well");
  sub->callback([&c, name, file] {
    if (!file->empty() && !load_graph_file(c, *file)) return;
    if (name->empty()) {
      for (const auto& [key, t] : c.stages.all()) {
        std::string head = key;
        head.resize(std::max<std::size_t>(head.size() + 1, 16), ' ');
        std::cout << head << t.summary << '\n';
      }
      return;
    }
    if (const stage_type* t = c.stages.find(*name)) return print_stage(*t);
    complain(c, "there is no stage type `" + *name + "`; `troupe stages` lists them");
  });
}

}  // namespace troupe
