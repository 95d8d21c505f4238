#pragma once
// Wall-clock time that cannot jump: read once, and carried on by the steady clock. Whoever sets the
// machine's clock neither ends runs by it nor makes them wait for ever.

#include "pipeline/clock.hpp"

namespace troupe {

class anchored_clock final : public clock {
 public:
  explicit anchored_clock(time_point wall)
      : wall_(wall), begun_(std::chrono::steady_clock::now()) {}
  time_point now() const override {
    return wall_ + std::chrono::duration_cast<duration>(std::chrono::steady_clock::now() - begun_);
  }

 private:
  const time_point wall_;
  const std::chrono::steady_clock::time_point begun_;
};

}  // namespace troupe
