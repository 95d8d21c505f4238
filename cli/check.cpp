// troupe check GRAPH [--json]: reads and links a graph, says all that is wrong with it, and what a
// run of it can cost at most.

#include "cli/command.hpp"
#include "dsl/bill.hpp"
#include "dsl/diagnostics.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace troupe {

namespace {

std::string counted(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

void check(command_context& c, const std::string& file) {
  auto plan = load_graph_file(c, file);
  if (!plan) return;
  std::cout << "ok: graph `" << plan->name << "` with " << counted(plan->stages.size(), "stage")
            << " and " << counted(plan->slots.size(), "slot") << "\n"
            << render(bill_of(*plan), *plan);
}

void check_as_json(command_context& c, const std::string& file) {
  const loaded l = load_graph_findings(c, file);
  boost::json::object o;
  o["file"] = file;
  o["ok"] = l.graph != nullptr;
  if (l.graph) {
    o["graph"] = l.graph->name;
    o["bill"] = to_json(bill_of(*l.graph), *l.graph);
  }
  o["diagnostics"] = to_json(l.diagnostics, l.files);
  std::cout << boost::json::serialize(o) << '\n';
  if (!l.graph) c.outcome = exit_code::failed;
}

}  // namespace

void add_check(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("check", "find what is wrong with a graph, before it runs");
  auto file = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  sub->add_option("graph", *file, "the TOML file")->required();
  sub->add_flag("--json", *json, "findings and bill as JSON on stdout, for editors");
  sub->callback([&c, file, json] { *json ? check_as_json(c, *file) : check(c, *file); });
}

}  // namespace troupe
