#pragma once
// The machine's clock, and what somebody has skipped of time: so that a test need not wait for what
// it says has passed.

#include "pipeline/clock.hpp"

#include <atomic>

namespace troupe {

/// Thread-safe. Never goes back.
class skipping_clock final : public clock {
 public:
  time_point now() const override { return system_clock().now() + duration(skipped_.load()); }
  void skip(duration by) { skipped_ += std::max<duration::rep>(0, by.count()); }
  void skip_to(time_point t) { skip(t - now()); }

 private:
  std::atomic<duration::rep> skipped_ = 0;
};

}  // namespace troupe
