#pragma once
// Time enters the core through this interface, so that a graph can run under virtual time.

#include <chrono>

namespace troupe {

using duration = std::chrono::microseconds;
/// Wall-clock time: it goes into the journal and must mean the same after a restart.
using time_point = std::chrono::time_point<std::chrono::system_clock, duration>;

class clock {
 public:
  virtual ~clock() = default;
  virtual time_point now() const = 0;
};

/// The machine's clock.
const clock& system_clock();

}  // namespace troupe
