#pragma once
// One bounded back edge within one run: how often it was taken, and the best attempt so far.

#include "pipeline/graph.hpp"

namespace troupe {

class loop_state {
 public:
  enum class verdict : std::uint8_t { again, exhausted };

  /// Called each time the edge could be taken, with the attempt that just ended; judges it first,
  /// so the last attempt counts too. An attempt whose slots (but for those that `judge` wrote)
  /// equal the one before is no better whatever its score. `written` are the slots that the run's
  /// branch has written; `again` counts as taken.
  verdict arrive(const edge& e, const std::vector<value>& slots, const std::vector<bool>& written,
                 const stage_node& judge, time_point now, time_point deadline);

  /// After `exhausted`: puts the best attempt's values back into the slots in `written`.
  void restore_best(std::vector<value>& slots, const std::vector<bool>& written) const;

  /// The run left the loop another way: a later entry starts with no best. `taken` stays.
  void leave();

  int taken() const noexcept { return taken_; }

 private:
  int taken_ = 0;
  int no_better_ = 0;
  double best_score_ = 0;
  std::vector<value> best_;      ///< slots at the best attempt; empty: none yet
  std::vector<value> previous_;  ///< slots at the previous attempt
  std::optional<time_point> last_arrival_;
};

}  // namespace troupe
