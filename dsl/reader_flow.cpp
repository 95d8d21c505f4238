#include "dsl/reader_parts.hpp"

namespace troupe {

namespace {

constexpr const char* forms =
    "`next` is the name of a stage, a list of edges [[stage.NAME.next]], or { all = […], join = "
    "\"…\" }";

edge_spec read_edge(table_reader& table) {
  edge_spec edge;
  edge.at = table.at();
  table.text("when", edge.when);
  table.required_text("to", edge.to, "the stage where the edge leads");
  table.count("max", edge.max);
  table.name("best_by", edge.best_by, "a slot");
  table.count("plateau", edge.plateau);
  table.text("exhausted", edge.exhausted);
  table.finish();
  if (edge.max) return edge;
  auto needs_max = [&](const char* key, source_range at) {
    if (at.known())
      table.report("missing-key", "`" + std::string(key) + "` says nothing without `max`", at,
                   "`max` is how often a run may take this edge");
  };
  if (!table.find("max")) {
    needs_max("best_by", edge.best_by.at);
    needs_max("plateau", edge.plateau ? edge.plateau->at : source_range{});
    needs_max("exhausted", edge.exhausted.at);
  }
  return edge;
}

void read_edges(table_reader& stage, const toml::array& list, stage_spec& spec) {
  if (list.empty())
    stage.report("bad-value", "`next` is an empty list", range_of(list),
                 "leave it out for a stage that ends the run");
  for (const toml::node& entry : list) {
    const toml::table* table = entry.as_table();
    if (!table) {
      stage.report("wrong-type",
                   "an item of `next` must be a table, not " + std::string(type_name(entry)),
                   range_of(entry), "an edge is { when = \"…\", to = \"…\" }");
      continue;
    }
    table_reader inner(*table, "an edge of " + stage.title(), range_of(*table), stage.findings());
    spec.next.push_back(read_edge(inner));
  }
}

void read_fan_out(table_reader& stage, const toml::table& table, stage_spec& spec) {
  fan_out_spec split;
  split.at = range_of(table);
  table_reader inner(table, "`next` of " + stage.title(), split.at, stage.findings());
  if (table.contains("to")) {
    inner.report("wrong-type", "one edge alone must stand in a list", split.at,
                 "write [[" + stage.title().substr(1, stage.title().size() - 2) +
                     ".next]], or next = [{ … }]");
    return;
  }
  inner.require("all", "the stages that run side by side");
  inner.texts("all", split.all);
  inner.required_text("join", split.join, "the stage where all branches meet");
  inner.finish();
  if (const auto* all = table["all"].as_array(); all && all->empty())
    inner.report("bad-value", "`all` is an empty list", range_of(*all));
  for (const auto& branch : split.all)
    if (*branch == *split.join)
      inner.report("bad-value", "`" + *branch + "` is a branch and the join at once", branch.at,
                   "the join runs after all branches; take it out of `all`");
  spec.fan_out = std::move(split);
}

}  // namespace

void read_next(table_reader& stage, stage_spec& spec) {
  const toml::node* node = stage.find("next");
  if (!node) return;
  if (node->is_string()) {
    edge_spec edge;
    edge.at = range_of(*node);
    stage.text("next", edge.to);
    if (edge.to.given()) spec.next.push_back(std::move(edge));
  } else if (const toml::array* list = node->as_array()) {
    read_edges(stage, *list, spec);
  } else if (const toml::table* table = node->as_table()) {
    read_fan_out(stage, *table, spec);
  } else {
    stage.report("wrong-type", "`next` cannot be " + std::string(type_name(*node)), range_of(*node),
                 forms);
  }
}

}  // namespace troupe
