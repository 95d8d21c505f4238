#pragma once
// Text that a call streams, on its way to the journal. A few pieces may be under way; what the
// stage says beyond that is joined, and leaves as one piece when another has arrived. So a stage
// that is faster than the disk fills neither a mailbox nor the journal's queue: what waits is no
// longer than its reply. Thread-safe.

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

class delta_credit {
 public:
  /// What the stage sends now; empty if it has to wait.
  std::string say(std::string_view text) {
    std::lock_guard lock(mutex_);
    waiting_ += text;
    if (under_way_ == most || waiting_.empty()) return {};
    ++under_way_;
    return std::exchange(waiting_, {});
  }
  /// A piece is in the journal. What is to follow it; empty if nothing waits.
  std::string arrived() {
    std::lock_guard lock(mutex_);
    if (waiting_.empty() && under_way_ > 0) --under_way_;
    return std::exchange(waiting_, {});
  }
  /// The stage has answered: all that still waits.
  std::string rest() {
    std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }

 private:
  static constexpr int most = 8;
  std::mutex mutex_;
  std::string waiting_;
  int under_way_ = 0;
};

}  // namespace troupe
