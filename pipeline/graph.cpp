#include "pipeline/graph.hpp"

#include <algorithm>

namespace troupe {

slot_id graph::find_slot(std::string_view slot) const noexcept {
  auto it = std::ranges::find(slots, slot);
  return it == slots.end() ? no_slot : static_cast<slot_id>(it - slots.begin());
}

stage_id graph::find_stage(std::string_view stage) const noexcept {
  auto it = std::ranges::find(stages, stage, &stage_node::name);
  return it == stages.end() ? no_stage : static_cast<stage_id>(it - stages.begin());
}

duration graph::time_of_attempt(stage_id stage) const noexcept {
  const stage_node& n = stages[static_cast<std::size_t>(stage)];
  auto most = std::min(n.timeout, deadline);
  for (int r = n.region; r >= 0; r = regions[static_cast<std::size_t>(r)].parent)
    most = std::min(most, regions[static_cast<std::size_t>(r)].deadline);
  return most;
}

}  // namespace troupe
