#include "pipeline/retry.hpp"

#include <algorithm>

namespace troupe {

bool may_retry(const retry_policy& policy, const error& failure, int attempts_made) {
  if (failure.code == errc::crashed || failure.code == errc::dropped)
    return attempts_made < std::max(policy.attempts, 2);
  return attempts_made < policy.attempts &&
         std::find(policy.on.begin(), policy.on.end(), failure.code) != policy.on.end();
}

duration retry_pause(const retry_policy& policy, const error& failure, int next_attempt,
                     std::uint64_t seed) {
  auto pause = std::max(policy.backoff_min, duration(0));
  for (int i = 2; i < next_attempt && pause < policy.backoff_max; ++i) pause *= 2;
  pause = std::min(pause, policy.backoff_max);
  const auto half = pause.count() / 2;
  if (half > 0)
    pause = duration(half + static_cast<std::int64_t>(mix(seed, static_cast<std::uint64_t>(
                                                                    next_attempt)) %
                                                      static_cast<std::uint64_t>(half + 1)));
  if (failure.retry_after) pause = std::max(pause, duration(*failure.retry_after));
  return pause;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t z = a + 0x9E3779B97F4A7C15ULL * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace troupe
