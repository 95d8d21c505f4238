#include "dsl/linking.hpp"

namespace troupe {

void check_reach(linking& l) {
  // What cannot be read may lead anywhere.
  if (l.some_ways_unknown || l.out.start == no_stage) return;
  std::vector<bool> reached(l.out.stages.size());
  std::vector<stage_id> open;
  auto visit = [&](stage_id to) {
    if (reached[static_cast<std::size_t>(to)]) return;
    reached[static_cast<std::size_t>(to)] = true;
    open.push_back(to);
  };
  visit(l.out.start);
  for (stage_id meant : l.guessed) visit(meant);
  while (!open.empty()) {
    const auto here = static_cast<std::size_t>(open.back());
    open.pop_back();
    for (const way& w : ways_from(l, here)) visit(w.to);
  }
  for (std::size_t i = 0; i < reached.size(); ++i)
    if (!reached[i])
      l.report("unreachable-stage", "no run can come to stage `" + l.out.stages[i].name + "`",
               l.spec.stages[i].name.at, "let a stage's `next` name it, or take it out");
}

}  // namespace troupe
