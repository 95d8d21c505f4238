#include "dsl/check/fan_outs.hpp"

#include <algorithm>

namespace troupe {

fan_outs::fan_outs(const linking& l)
    : l_(l), around_(l.out.stages.size(), nowhere), branches_(l.out.stages.size()) {
  if (l.out.start == no_stage) return;
  std::vector<std::size_t> level;
  around_[static_cast<std::size_t>(l.out.start)] = trunk;
  visit_place({static_cast<std::size_t>(l.out.start)}, trunk, level);
  while (!level.empty()) {
    std::vector<std::size_t> inner;
    for (std::size_t split : level) {
      splits_.push_back(split);
      std::vector<std::size_t> heads;
      for (const way& w : ways_from(l, split)) {
        if (w.what != way::kind::branch) continue;
        const auto to = static_cast<std::size_t>(w.to);
        if (around_[to] != nowhere) {
          if (around_[to] != split) trespasses_.push_back({split, w});
          continue;
        }
        around_[to] = split;
        heads.push_back(to);
      }
      visit_place(heads, split, inner);
    }
    level = std::move(inner);
  }
  std::ranges::reverse(splits_);
  for (std::size_t split : splits_) find_branches(split);
}

stage_id fan_outs::join_around(std::size_t stage) const {
  const std::size_t split = around_[stage];
  return split == trunk || split == nowhere ? no_stage : l_.out.stages[split].split->join;
}

/// Goes from the heads to all stages of one place; `inner` gets the fan-outs that begin there.
void fan_outs::visit_place(const std::vector<std::size_t>& heads, std::size_t split,
                           std::vector<std::size_t>& inner) {
  std::vector<std::size_t> open = heads;
  for (std::size_t next = 0; next < open.size(); ++next) {
    const std::size_t here = open[next];
    if (l_.out.stages[here].split) inner.push_back(here);
    for (const way& w : ways_from(l_, here)) {
      const auto to = static_cast<std::size_t>(w.to);
      if (w.what == way::kind::branch) continue;
      if (ends_branch(here, w.to)) {
        // The join of a fan-out must not be that of the one around it.
        if (w.what == way::kind::join) trespasses_.push_back({here, w});
      } else if (around_[to] == nowhere) {
        around_[to] = split;
        open.push_back(to);
      } else if (around_[to] != split) {
        trespasses_.push_back({here, w});
      }
    }
  }
}

void fan_outs::find_branches(std::size_t split) {
  const auto& heads = l_.out.stages[split].split->all;
  for (std::size_t branch = 0; branch < heads.size(); ++branch) {
    std::vector<std::size_t> open;
    auto visit = [&](stage_id to) {
      const auto stage = static_cast<std::size_t>(to);
      if (around_[stage] != split || ends_branch(stage, to)) return;
      if (!branches_[stage].empty() && branches_[stage].back() == branch) return;
      branches_[stage].push_back(branch);
      open.push_back(stage);
    };
    visit(heads[branch]);
    while (!open.empty()) {
      const std::size_t here = open.back();
      open.pop_back();
      for (const way& w : ways_from(l_, here))
        if (w.what != way::kind::branch && !ends_branch(here, w.to)) visit(w.to);
    }
  }
}

}  // namespace troupe
