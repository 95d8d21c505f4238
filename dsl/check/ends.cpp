#include "dsl/linking.hpp"
#include "dsl/suggest.hpp"

namespace troupe {

namespace {

/// Stages from which a run, or a branch, can come to its end. Where ways are unknown one may be.
std::vector<bool> stages_with_an_end(const linking& l) {
  const std::size_t count = l.out.stages.size();
  std::vector<std::vector<std::size_t>> before(count);
  std::vector<std::size_t> open;
  std::vector<bool> ends(count);
  auto visit = [&](std::size_t stage) {
    if (ends[stage]) return;
    ends[stage] = true;
    open.push_back(stage);
  };
  for (std::size_t i = 0; i < count; ++i) {
    const stage_node& node = l.out.stages[i];
    // A branch that ends does not end the run; what comes behind its join does.
    for (const way& w : ways_from(l, i))
      if (w.what != way::kind::branch) before[static_cast<std::size_t>(w.to)].push_back(i);
    if ((node.next.empty() && !node.split) || l.unknown[i].ways) visit(i);
  }
  while (!open.empty()) {
    const std::size_t here = open.back();
    open.pop_back();
    for (std::size_t stage : before[here]) visit(stage);
  }
  return ends;
}

std::vector<bool> stages_in_unbounded_cycles(const linking& l) {
  // Takes away, again and again, what no unbounded way leads on from.
  const std::size_t count = l.out.stages.size();
  std::vector<std::vector<std::size_t>> before(count);
  std::vector<std::size_t> ways_left(count), open;
  for (std::size_t i = 0; i < count; ++i) {
    for (const way& w : ways_from(l, i)) {
      if (w.bounded) continue;
      before[static_cast<std::size_t>(w.to)].push_back(i);
      ++ways_left[i];
    }
    if (ways_left[i] == 0) open.push_back(i);
  }
  std::vector<bool> leads_into_one(count, true);
  while (!open.empty()) {
    const std::size_t here = open.back();
    open.pop_back();
    leads_into_one[here] = false;
    for (std::size_t stage : before[here])
      if (--ways_left[stage] == 0) open.push_back(stage);
  }
  return leads_into_one;
}

/// From `stage` on to where nothing leads out any more: the stages that a run is caught in.
std::vector<std::size_t> trap_behind(const linking& l, std::size_t stage) {
  const auto everywhere = [](const way&) { return true; };
  auto inside = stages_behind(l, stage, everywhere);
  for (std::size_t k = 0; k < inside.size(); ++k) {
    if (!inside[k]) continue;
    auto behind = stages_behind(l, k, everywhere);
    if (behind[stage]) continue;
    stage = k;
    inside = std::move(behind);
    k = 0;
  }
  std::vector<std::size_t> trap;
  for (std::size_t k = 0; k < inside.size(); ++k)
    if (inside[k]) trap.push_back(k);
  return trap;
}

}  // namespace

void check_ends(linking& l) {
  const std::vector<bool> ends = stages_with_an_end(l);
  // A cycle without `max` has been reported; what it hides comes to light when it is gone.
  std::vector<bool> told = stages_in_unbounded_cycles(l);
  std::vector<std::vector<std::size_t>> before(ends.size());
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (const way& w : ways_from(l, i)) before[static_cast<std::size_t>(w.to)].push_back(i);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] || told[i]) continue;
    const auto trap = trap_behind(l, i);
    const std::size_t first = trap.front();
    // What leads there is told with it.
    std::vector<std::size_t> open = {first};
    while (!open.empty()) {
      const std::size_t here = open.back();
      open.pop_back();
      if (told[here]) continue;
      told[here] = true;
      for (std::size_t k : before[here])
        if (!ends[k]) open.push_back(k);
    }
    std::vector<std::string> names;
    for (std::size_t k : trap) names.push_back(l.out.stages[k].name);
    constexpr std::size_t most_named = 8;
    l.report("no-end",
             "a run that comes to stage `" + names[0] + "` can never end" +
                 (names.size() == 1            ? ": no way leads out"
                  : names.size() <= most_named ? ": no way leads out of " + quoted_list(names)
                                               : ""),
             l.spec.stages[first].name.at,
             "let a way lead out: an edge behind the one with `max`, or its `exhausted`");
  }
}

}  // namespace troupe
