#pragma once
// Which stages belong to the branches of a fan-out.

#include "dsl/linking.hpp"

namespace troupe {

/// Stages where a run that is at `from` can be before it comes to `stop`, without those that run
/// in branches of fan-outs on the way: a fan-out counts as a step to its join. By stage.
std::vector<bool> reachable_in_line(const linking& l, stage_id from, stage_id stop);

struct branch {
  std::size_t split = 0;  ///< the stage that fans out
  stage_id join = no_stage;
  std::vector<bool> inside;  ///< by stage: it can run in this branch, and not in one within it
};

/// All branches of all fan-outs.
std::vector<branch> find_branches(const linking& l);

}  // namespace troupe
