#include "actors/sim/step_audit.hpp"

#include <algorithm>

namespace troupe::sim {

namespace {

/// The port of a stage that writes `slot`; -1 if none does.
std::ptrdiff_t port_of(const stage_node& n, slot_id slot) {
  const auto found = std::find(n.out.begin(), n.out.end(), slot);
  return found == n.out.end() ? -1 : found - n.out.begin();
}

bool judges(const stage_node& n, const edge& e) {
  return e.best_by != no_slot && port_of(n, e.best_by) >= 0;
}

double number_in(const value& v) { return v.is_number() ? v.as_number() : 0; }

}  // namespace

step_audit::step_audit(const graph& plan, complain_function complain)
    : plan_(plan), complain_(std::move(complain)) {
  for (const stage_node& n : plan.stages)
    for (const edge& e : n.next)
      if (e.counter >= 0) loops_[e.counter] = {};
}

const frame* step_audit::last_answer(stage_id stage) const {
  const auto found = answers_.find(stage);
  return found == answers_.end() ? nullptr : &found->second;
}

void step_audit::follow(const step& s, const std::vector<value>& before, const executor& run,
                        const outbox& out) {
  tokens_ += s.used.tokens;
  look_at_answer(s);
  for (const route_note& way : out.routes) look_at_way(way, s, before, run);
  look_at_calls(s, out);
  look_at_items(run, out);
}

void step_audit::look_at_answer(const step& s) {
  const auto task = open_.find(s.task);
  const bool ends =
      s.what == step::kind::done || s.what == step::kind::failed || s.what == step::kind::suspended;
  if (!ends || task == open_.end()) return;
  const stage_id stage = task->second.stage;
  if (s.what == step::kind::failed) {
    failed_at_[s.task] = s.at;
    answers_.erase(stage);
  } else {
    answers_[stage] = s.outputs;
    for (auto& [counter, loop] : loops_) loop.said[stage] = s.outputs;
    if (task->second.item >= 0) items_[stage][task->second.item] = s.outputs;
  }
  open_.erase(task);
}

void step_audit::look_at_calls(const step& s, const outbox& out) {
  for (const std::int64_t task : out.abandon)
    if (const auto gone = open_.find(task); gone != open_.end()) {
      answers_.erase(gone->second.stage);
      failed_at_[task] = s.at;
      open_.erase(gone);
    }
  for (const stage_report& r : out.reports)
    if (r.state == stage_state::started) look_at_join(r.stage);
  for (const start_task& call : out.start) {
    const stage_node& n = node(call.stage);
    const auto failed = failed_at_.find(call.task);
    const bool again = s.what != step::kind::resumed && failed != failed_at_.end();
    // Pauses vary between the half and the whole of what the graph says.
    if (again && s.at - failed->second < n.retry.backoff_min / 2)
      complain_("stage `" + n.name + "` was tried again without a pause");
    failed_at_.erase(call.task);
    open_[call.task] = known_[call.task] = {call.stage, call.item};
    const auto at_once = std::count_if(open_.begin(), open_.end(),
                                       [&](const auto& t) { return t.second.stage == call.stage; });
    if (n.each && at_once > n.each->concurrency)
      complain_("stage `" + n.name + "` has " + std::to_string(at_once) +
                " items at once; it may have " + std::to_string(n.each->concurrency));
  }
}

void step_audit::look_at_items(const executor& run, const outbox& out) {
  const bool restored = std::any_of(out.routes.begin(), out.routes.end(), [](auto& way) {
    return way.why == route_note::cause::exhausted;
  });
  for (const stage_report& r : out.reports) {
    const stage_node& n = node(r.stage);
    if (r.state == stage_state::started) items_.erase(r.stage);
    if (!n.each || r.state != stage_state::finished) continue;
    const auto items = std::exchange(items_[r.stage], {});
    if (restored || items.empty()) continue;
    for (std::size_t port = 0; port < n.out.size(); ++port) {
      if (n.out[port] == no_slot) continue;
      const value& column = run.slots()[static_cast<std::size_t>(n.out[port])];
      bool same = column.type() == slot_type::list && column.as_list().size() == items.size();
      for (const auto& [item, outputs] : items)
        same = same && (port >= outputs.size() ||
                        column.as_list()[static_cast<std::size_t>(item)] == outputs[port]);
      if (!same)
        complain_("stage `" + n.name + "`: what its items answered is not in their order in `" +
                  plan_.slots[static_cast<std::size_t>(n.out[port])] + "`");
    }
  }
}

/// The stages between a fan-out and its join.
std::set<stage_id> step_audit::branches_of(const stage_node& split) const {
  std::set<stage_id> found;
  std::vector<stage_id> next(split.split->all);
  while (!next.empty()) {
    const stage_id id = next.back();
    next.pop_back();
    if (id == no_stage || id == split.split->join || !found.insert(id).second) continue;
    const stage_node& n = node(id);
    for (const edge& e : n.next) next.insert(next.end(), {e.to, e.exhausted});
    if (n.split) {
      next.insert(next.end(), n.split->all.begin(), n.split->all.end());
      next.push_back(n.split->join);
    }
    next.push_back(n.on_error);
  }
  return found;
}

void step_audit::look_at_join(stage_id joined) {
  for (const stage_node& n : plan_.stages) {
    if (!n.split || n.split->join != joined) continue;
    const auto branches = branches_of(n);
    for (const auto& [task, open] : open_)
      if (branches.contains(open.stage))
        complain_("stage `" + node(joined).name + "` began before `" + node(open.stage).name +
                  "` had ended");
  }
}

void step_audit::look_at_way(const route_note& way, const step& s, const std::vector<value>& before,
                             const executor& run) {
  const stage_node& n = node(way.from);
  if (way.why == route_note::cause::on_error) {
    for (auto& [counter, loop] : loops_) loop = {};
    return;
  }
  if (way.why == route_note::cause::edge) {
    for (const edge& e : n.next)
      if (e.counter >= 0) loops_[e.counter] = {};
    return;
  }
  const edge& e = n.next[static_cast<std::size_t>(way.edge)];
  rounds& r = loops_[e.counter];
  double score = 0;
  if (e.best_by != no_slot) {
    const auto task = known_.find(s.task);
    const auto port = static_cast<std::size_t>(port_of(n, e.best_by));
    const bool fresh = s.what == step::kind::done && task != known_.end() &&
                       task->second.stage == way.from && !n.each && port < s.outputs.size();
    score = number_in(fresh ? s.outputs[port] : before[static_cast<std::size_t>(e.best_by)]);
  }
  look_at_round(n, e, r, score);
  if (way.why == route_note::cause::exhausted) {
    look_at_best(n, e, r, run);
    r = {};
  } else if (++taken_[e.counter] > e.max) {
    complain_("it took the way back from `" + n.name + "` " + std::to_string(taken_[e.counter]) +
              " times; it may " + std::to_string(e.max) + " times");
  } else if (e.plateau > 0 && r.no_better >= e.plateau) {
    complain_("it took the way back from `" + n.name + "` after " + std::to_string(r.no_better) +
              " attempts that were no better");
  }
}

void step_audit::look_at_round(const stage_node& from, const edge& e, rounds& r, double score) {
  // What the judges said is no part of what was judged.
  std::erase_if(r.said, [&](const auto& said) {
    return &node(said.first) == &from || judges(node(said.first), e);
  });
  auto repeats = [&](const answers& earlier) {
    return std::all_of(r.said.begin(), r.said.end(), [&](const auto& said) {
      const auto before = earlier.find(said.first);
      return before != earlier.end() && before->second == said.second;
    });
  };
  const bool better = !r.begun || ((e.best_by == no_slot || score > r.best) &&
                                   !repeats(r.previous) && !repeats(r.best_said));
  r.no_better = better ? 0 : r.no_better + 1;
  if (better) {
    r.best = score;
    r.best_said = r.said;
  }
  r.begun = true;
  r.previous = std::exchange(r.said, {});
}

void step_audit::look_at_best(const stage_node& from, const edge& e, const rounds& r,
                              const executor& run) {
  if (e.best_by == no_slot) return;
  const double kept = number_in(run.slots()[static_cast<std::size_t>(e.best_by)]);
  if (kept != r.best)
    complain_("it went on behind the loop of `" + from.name + "` with an attempt of " +
              std::to_string(kept) + "; the best one had " + std::to_string(r.best));
}

}  // namespace troupe::sim
