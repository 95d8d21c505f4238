#include "dsl/check/branches.hpp"

namespace troupe {

std::vector<bool> reachable_in_line(const linking& l, stage_id from, stage_id stop) {
  std::vector<bool> reached(l.out.stages.size());
  std::vector<stage_id> open;
  auto visit = [&](stage_id to) {
    if (to == no_stage || to == stop || reached[static_cast<std::size_t>(to)]) return;
    reached[static_cast<std::size_t>(to)] = true;
    open.push_back(to);
  };
  visit(from);
  while (!open.empty()) {
    const stage_node& node = l.out.stages[static_cast<std::size_t>(open.back())];
    open.pop_back();
    for (const edge& e : node.next) {
      visit(e.to);
      visit(e.exhausted);
    }
    if (node.split) visit(node.split->join);
    visit(node.on_error);
  }
  return reached;
}

std::vector<branch> find_branches(const linking& l) {
  std::vector<branch> branches;
  for (std::size_t i = 0; i < l.out.stages.size(); ++i) {
    const auto& split = l.out.stages[i].split;
    if (!split) continue;
    for (stage_id head : split->all)
      branches.push_back({i, split->join, reachable_in_line(l, head, split->join)});
  }
  return branches;
}

}  // namespace troupe
