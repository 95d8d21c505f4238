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

}  // namespace troupe
