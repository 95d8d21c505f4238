#pragma once
// What an engine has done since the start, and what it is doing, for /metrics.

#include "pipeline/histogram.hpp"

#include <string>

namespace troupe {

struct engine_figures {
  std::string model;                ///< of the [model.NAME]
  std::uint64_t requests = 0;       ///< asked of it
  std::uint64_t failures = 0;       ///< that ended with an error
  std::uint64_t retries = 0;        ///< further tries of its own
  std::uint64_t fallbacks = 0;      ///< that another engine was asked instead
  std::uint64_t prompt_tokens = 0;  ///< of requests that were answered
  std::uint64_t output_tokens = 0;
  /// Of requests that were answered, by why the answer ended: stop, length, cancelled, deadline.
  std::array<std::uint64_t, 4> answered{};
  int running = 0;            ///< requests that are out
  bool breaker_open = false;  ///< it is not asked for a while
  histogram first_text;       ///< from the request to its first piece of text
  histogram whole;            ///< from the request to the end of its answer

  // Of local engines.
  std::int64_t waiting = 0;        ///< of `running`, those that have no place in the batch yet
  double cache_used = 0;           ///< part of the key/value cache, in [0, 1]
  std::int64_t reused_tokens = 0;  ///< of prompts, that were in that cache already
  std::int64_t cancelled = 0;      ///< requests whose caller no longer wanted them
  std::int64_t tokens_after_cancel = 0;  ///< drawn for those after that
};

/// What an engine does that keeps figures, besides `engine`.
class keeps_figures {
 public:
  virtual ~keeps_figures() = default;
  virtual engine_figures figures() const = 0;
};

}  // namespace troupe
