#pragma once
// How long things took, counted by fixed bounds; cheap enough to be kept under a lock that is held
// anyway.

#include "pipeline/clock.hpp"

#include <array>
#include <cstdint>

namespace troupe {

class histogram {
 public:
  static constexpr std::array<duration, 16> bounds = {
      duration(50),      duration(100),       duration(250),       duration(500),
      duration(1'000),   duration(2'500),     duration(5'000),     duration(10'000),
      duration(25'000),  duration(50'000),    duration(100'000),   duration(250'000),
      duration(500'000), duration(1'000'000), duration(5'000'000), duration(30'000'000)};

  void add(duration d) noexcept {
    std::size_t i = 0;
    while (i < bounds.size() && d > bounds[i]) ++i;
    ++counts_[i];
    sum_ += d;
  }

  /// How many were at most `bounds[i]`, and more than the bound before; the last: above all.
  const std::array<std::uint64_t, bounds.size() + 1>& counts() const noexcept { return counts_; }
  duration sum() const noexcept { return sum_; }

 private:
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  duration sum_{};
};

}  // namespace troupe
