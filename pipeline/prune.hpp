#pragma once
// What may be forgotten of runs that ended long ago: their steps. Records, turns and dead letters
// stay.

#include "pipeline/journal.hpp"

namespace troupe {

/// The erasure of the steps of runs that were accepted before `before` and have ended. Looks at no
/// more than `limit` runs, beginning behind the run `after`, which becomes the last one looked at;
/// empty when there are no more.
result<write_batch> prunable_steps(const store& s, time_point before, std::size_t limit,
                                   std::string& after);

/// When a run was accepted, as its id tells it (`make_run_id`); max() if it is none.
time_point time_of_run(std::string_view run) noexcept;

}  // namespace troupe
