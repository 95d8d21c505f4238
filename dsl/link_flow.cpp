#include "dsl/linking.hpp"

#include <algorithm>

namespace troupe {

namespace {

int as_int(const located<std::int64_t>& n) { return static_cast<int>(*n); }

std::optional<condition> link_condition(linking& l, const located<std::string>& when,
                                        const std::string& scope) {
  auto place = [&](const condition_problem& p) { return l.inside(when.at, p.offset, p.length); };
  auto [parsed, problems] = condition::parse(*when);
  for (auto& p : problems) l.report(p.kind, p.message, place(p), p.hint);
  if (!parsed) return std::nullopt;

  auto type_of = [&](std::string_view written) -> std::optional<slot_type> {
    const std::string name = scope + std::string(written);
    slot_id id = l.find_slot(name);
    if (id != no_slot && !l.item_slots.contains(name)) return l.type_of(id);
    if (l.is_no_slot(name)) return std::nullopt;
    return slot_type::any;
  };
  for (auto& p : parsed->check(type_of)) {
    if (p.kind == "unknown-slot") {
      std::string name = when->substr(p.offset, p.length);
      p.message += ": no stage writes it and no input supplies it";
      p.hint = l.hint_for(name, l.readable_slots());
    }
    l.report(p.kind, p.message, place(p), p.hint);
  }
  if (!scope.empty()) parsed->rename([&](const std::string& name) { return scope + name; });
  parsed->bind([&](std::string_view name) { return l.find_slot(name); });
  return std::move(parsed);
}

edge link_edge(linking& l, const edge_spec& spec, const std::string& scope) {
  edge e;
  if (spec.when.given()) e.when = link_condition(l, spec.when, scope);
  e.to = l.stage(spec.to, "to go to");
  if (!spec.max) return e;
  e.max = as_int(*spec.max);
  e.counter = l.out.bounded_edges++;
  e.exhausted = l.stage(spec.exhausted, "to go to when `max` is used up");
  if (spec.plateau) e.plateau = as_int(*spec.plateau);
  e.best_by = l.slot(spec.best_by, "to compare attempts by");
  if (e.best_by != no_slot && !converts(l.type_of(e.best_by), slot_type::floating))
    l.report("type-mismatch",
             "`best_by` needs a number, but `" + *spec.best_by + "` holds " +
                 std::string(name_of(l.type_of(e.best_by))),
             spec.best_by.at);
  return e;
}

void link_fan_out(linking& l, const fan_out_spec& spec, stage_node& node) {
  fan_out split;
  for (const auto& name : spec.all)
    if (stage_id id = l.stage(name, "to run side by side with others"); id != no_stage)
      split.all.push_back(id);
  split.join = l.stage(spec.join, "to join at");
  node.split = std::move(split);
}

/// True if a name or condition of the stage's ways could not be made out.
bool has_lost_ways(const stage_spec& spec, const stage_node& node) {
  for (std::size_t i = 0; i < spec.next.size(); ++i) {
    const edge_spec& written = spec.next[i];
    const edge& e = node.next[i];
    if (e.to == no_stage || (written.when.given() && !e.when)) return true;
    if (written.exhausted.given() && e.exhausted == no_stage) return true;
  }
  if (spec.fan_out &&
      (node.split->join == no_stage || node.split->all.size() != spec.fan_out->all.size()))
    return true;
  return spec.damaged_ways || (spec.on_error.given() && node.on_error == no_stage);
}

}  // namespace

void link_flow(linking& l) {
  l.out.start = l.stage(l.spec.start, "to start at");
  // A misspelt start is taken for the one that was meant, so that the checks have somewhere to go.
  if (l.out.start == no_stage && !l.guessed.empty()) l.out.start = l.guessed.front();
  for (std::size_t i = 0; i < l.spec.stages.size(); ++i) {
    const stage_spec& spec = l.spec.stages[i];
    stage_node& node = l.out.stages[i];
    for (const edge_spec& e : spec.next) node.next.push_back(link_edge(l, e, spec.scope));
    if (spec.fan_out) link_fan_out(l, *spec.fan_out, node);
    node.on_error = l.stage(spec.on_error, "to go to on an error");
    if (has_lost_ways(spec, node)) l.unknown[i].ways = true;
    if (spec.damaged_ways) l.some_ways_unknown = true;
  }
}

void link_regions(linking& l) {
  for (const region_spec& spec : l.spec.regions) {
    region made;
    made.name = spec.entry;
    made.entry = l.find_stage(spec.entry);
    if (spec.deadline.given()) made.deadline = *spec.deadline;
    if (spec.token_budget) made.token_budget = **spec.token_budget;
    made.on_error = l.find_stage(*spec.on_error);
    made.parent = spec.parent;
    l.out.regions.push_back(std::move(made));
  }
  for (std::size_t i = 0; i < l.spec.stages.size(); ++i)
    l.out.stages[i].region = l.spec.stages[i].region;
}

void link_policies(linking& l) {
  for (std::size_t i = 0; i < l.spec.stages.size(); ++i) {
    const stage_spec& spec = l.spec.stages[i];
    stage_node& node = l.out.stages[i];
    node.replicas = as_int(spec.replicas);
    node.queue = as_int(spec.queue);
    if (spec.timeout.given()) node.timeout = *spec.timeout;
    if (spec.retry) {
      node.retry.attempts = as_int(spec.retry->attempts);
      node.retry.backoff_min = *spec.retry->backoff_min;
      node.retry.backoff_max = *spec.retry->backoff_max;
      if (!spec.retry->on.empty()) node.retry.on.clear();
      for (const auto& reason : spec.retry->on)
        if (auto code = errc_from_name(*reason)) node.retry.on.push_back(*code);
    }
    if (spec.restart)
      node.restart = {as_int(spec.restart->max), *spec.restart->within, *spec.restart->backoff_min,
                      *spec.restart->backoff_max};
    if (spec.breaker) node.breaker = {as_int(spec.breaker->failures), *spec.breaker->open};
  }
}

}  // namespace troupe
