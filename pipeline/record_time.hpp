#pragma once
// What can be a time or an amount in a record. Reckoning with more could overflow.

#include "pipeline/clock.hpp"

#include <algorithm>

namespace troupe {

/// 2^53: in microseconds since 1970 the year 2255; exact as a floating-point number.
inline constexpr std::int64_t most_of_record = std::int64_t{1} << 53;

/// Times that a clock gives; a record with another one is damaged.
inline bool is_record_time(time_point t) noexcept {
  const auto n = t.time_since_epoch().count();
  return n >= 0 && n <= most_of_record;
}

/// Amounts may come from a stage, which may say anything.
inline std::int64_t record_amount(std::int64_t n) noexcept {
  return std::clamp(n, -most_of_record, most_of_record);
}

}  // namespace troupe
