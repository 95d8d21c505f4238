// Regions: the time and the tokens that the stages of a sub-graph share.

#include "pipeline/executor.hpp"

#include <algorithm>

namespace troupe {

time_point executor::time_limit(stage_id stage) const {
  time_point limit = deadline_;
  for_each_region(stage, [&](std::size_t r) { limit = std::min(limit, regions_[r].deadline); });
  return limit;
}

void executor::use(stage_id stage, usage used) {
  used_.model_calls += used.model_calls;
  used_.tokens += used.tokens;
  for_each_region(stage, [&](std::size_t r) { regions_[r].tokens += used.tokens; });
}

}  // namespace troupe
