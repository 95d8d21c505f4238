#include "pipeline/loop.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool same_output(const std::vector<value>& a, const std::vector<value>& b,
                 const std::vector<bool>& written, const stage_node& judge) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!written[i]) continue;
    const auto id = static_cast<slot_id>(i);
    if (std::find(judge.out.begin(), judge.out.end(), id) != judge.out.end()) continue;
    if (!(a[i] == b[i])) return false;
  }
  return true;
}

}  // namespace

loop_state::verdict loop_state::arrive(const edge& e, const std::vector<value>& slots,
                                       const std::vector<bool>& written, const stage_node& judge,
                                       time_point now, time_point deadline) {
  const bool repeated = !previous_.empty() && same_output(previous_, slots, written, judge);
  const value* score =
      e.best_by == no_slot ? nullptr : &slots[static_cast<std::size_t>(e.best_by)];
  const double number = score && score->is_number() ? score->as_number() : 0;
  // Without a score the latest attempt is the best one, unless it says the same again.
  const bool better = best_.empty() || (!repeated && (!score || number > best_score_));
  if (better) {
    best_ = slots;
    best_score_ = number;
    no_better_ = 0;
  } else {
    ++no_better_;
  }
  previous_ = slots;

  const bool no_time =
      last_arrival_ && deadline != time_point::max() && now + (now - *last_arrival_) > deadline;
  last_arrival_ = now;
  if (taken_ >= e.max || no_time || (e.plateau > 0 && no_better_ >= e.plateau))
    return verdict::exhausted;
  ++taken_;
  return verdict::again;
}

void loop_state::restore_best(std::vector<value>& slots, const std::vector<bool>& written) const {
  if (best_.empty()) return;
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (written[i]) slots[i] = best_[i];
}

void loop_state::leave() {
  no_better_ = 0;
  best_.clear();
  previous_.clear();
  last_arrival_.reset();
}

}  // namespace troupe
