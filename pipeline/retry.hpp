#pragma once
// Whether and when a failed attempt is tried again.

#include "pipeline/graph.hpp"

namespace troupe {

/// A crash is tried once more even where no retries were asked for: the actor was restarted and
/// the work is not to blame until it has killed two.
bool may_retry(const retry_policy& policy, const error& failure, int attempts_made);

/// Pause before attempt `next_attempt` (2, 3, …): exponential from `backoff_min`, at most
/// `backoff_max`, with equal jitter (half fixed, half random) drawn from `seed`; never shorter than
/// the failure's own `retry_after`.
duration retry_pause(const retry_policy& policy, const error& failure, int next_attempt,
                     std::uint64_t seed);

/// A well-mixed hash of two numbers (the finaliser of SplitMix64, Steele et al. 2014).
std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept;

}  // namespace troupe
