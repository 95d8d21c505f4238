#include "dsl/linking.hpp"

namespace troupe {

void check_reach(linking& l) {
  if (l.out.start == no_stage) return;
  std::vector<bool> reached(l.out.stages.size());
  std::vector<stage_id> open = {l.out.start};
  reached[static_cast<std::size_t>(l.out.start)] = true;
  while (!open.empty()) {
    stage_id here = open.back();
    open.pop_back();
    for (const way& w : ways_from(l, static_cast<std::size_t>(here))) {
      if (reached[static_cast<std::size_t>(w.to)]) continue;
      reached[static_cast<std::size_t>(w.to)] = true;
      open.push_back(w.to);
    }
  }
  // A way whose target is misspelt may have been meant for it.
  for (const diagnostic& d : l.findings)
    if (d.kind == "unknown-target") return;
  for (std::size_t i = 0; i < reached.size(); ++i)
    if (!reached[i])
      l.report("unreachable-stage", "no run can come to stage `" + l.out.stages[i].name + "`",
               l.spec.stages[i].name.at, "let a stage's `next` name it, or take it out");
}

}  // namespace troupe
