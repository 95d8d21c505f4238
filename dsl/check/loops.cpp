// What an edge with `max` says about its loop.

#include "dsl/linking.hpp"

#include <algorithm>

namespace troupe {

namespace {

enum class round_finding : std::uint8_t { writes, writes_not, leads_not_back };

/// Goes through where a run can be from when it takes an edge of `stage` until it is at `stage`
/// again, and looks for somebody who writes `best_by` there.
round_finding search_round(const linking& l, std::size_t stage, const edge& e) {
  std::vector<bool> seen(l.out.stages.size());
  std::vector<std::size_t> open = {static_cast<std::size_t>(e.to)};
  seen[open[0]] = true;
  bool written = false;
  for (std::size_t next = 0; next < open.size() && !(written && seen[stage]); ++next) {
    const std::size_t here = open[next];
    written = written || std::ranges::count(l.out.stages[here].out, e.best_by) > 0;
    if (here == stage) continue;
    for (const way& w : ways_from(l, here)) {
      const auto to = static_cast<std::size_t>(w.to);
      if (!seen[to]) open.push_back(to);
      seen[to] = true;
    }
  }
  if (!seen[stage]) return round_finding::leads_not_back;
  return written ? round_finding::writes : round_finding::writes_not;
}

void check_best_by(linking& l, std::size_t stage, std::size_t index) {
  const edge& e = l.out.stages[stage].next[index];
  if (e.best_by == no_slot || e.to == no_stage || l.some_ports_unknown || l.some_ways_unknown)
    return;
  const round_finding found = search_round(l, stage, e);
  if (found == round_finding::writes) return;
  const auto& at = l.spec.stages[stage].next[index].best_by;
  l.report("best-by-not-in-loop",
           found == round_finding::writes_not
               ? "attempts are compared by `" + *at + "`, but no stage of this loop writes it"
               : "`best_by` says nothing here: stage `" +
                     l.out.stages[static_cast<std::size_t>(e.to)].name +
                     "` does not lead back to `" + l.out.stages[stage].name + "`",
           at.at, "name a number that a stage of the loop writes anew in every round");
}

}  // namespace

void check_loops(linking& l) {
  for (std::size_t i = 0; i < l.out.stages.size(); ++i) {
    for (std::size_t k = 0; k < l.out.stages[i].next.size(); ++k) {
      const edge_spec& spec = l.spec.stages[i].next[k];
      if (spec.max && spec.plateau && **spec.plateau > **spec.max)
        l.report("bad-value",
                 "`plateau` is " + std::to_string(**spec.plateau) +
                     ", but the edge is taken only " + std::to_string(**spec.max) + " times",
                 spec.plateau->at, "give up after fewer attempts than `max`");
      check_best_by(l, i, k);
    }
  }
}

}  // namespace troupe
