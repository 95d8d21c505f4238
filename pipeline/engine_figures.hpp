#pragma once
// What an engine has done since the start, for /metrics.

#include <cstdint>

namespace troupe {

struct engine_figures {
  std::uint64_t requests = 0;       ///< asked of it
  std::uint64_t failures = 0;       ///< that ended with an error
  std::uint64_t retries = 0;        ///< further tries of its own
  std::uint64_t fallbacks = 0;      ///< that another engine was asked instead
  std::uint64_t prompt_tokens = 0;  ///< of requests that were answered
  std::uint64_t output_tokens = 0;
  int running = 0;            ///< requests that are out
  bool breaker_open = false;  ///< it is not asked for a while
};

}  // namespace troupe
