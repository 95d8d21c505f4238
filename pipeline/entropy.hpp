#pragma once
// Random bits enter the core through this interface, so that a simulation can give its own.

#include <cstdint>

namespace troupe {

/// Thread-safe.
class entropy {
 public:
  virtual ~entropy() = default;
  /// 64 random bits.
  virtual std::uint64_t draw() = 0;
};

/// Seeded by the machine, once per thread.
entropy& system_entropy();

}  // namespace troupe
