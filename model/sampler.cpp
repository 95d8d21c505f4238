#include "model/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace troupe {

namespace {

/// NaN below everything; of equals the lower id first.
struct more_likely {
  std::span<const float> logits;
  bool operator()(std::int64_t a, std::int64_t b) const {
    const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) || (std::isnan(y) && a < b);
    return x != y ? x > y : a < b;
  }
};

std::int64_t most_likely(std::span<const float> logits) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < logits.size(); ++i)
    if (logits[i] > logits[best] || std::isnan(logits[best])) best = i;
  return static_cast<std::int64_t>(best);
}

}  // namespace

std::int64_t sample_token(std::span<const float> logits, const sampling_options& options,
                          random_source& random) {
  if (!(options.temperature > 0)) return most_likely(logits);
  std::vector<std::int64_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  auto keep = ids.size();
  if (options.top_k > 0) keep = std::min(keep, static_cast<std::size_t>(options.top_k));
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(keep);
  std::partial_sort(ids.begin(), end, ids.end(), more_likely{logits});

  const double highest = logits[static_cast<std::size_t>(ids.front())];
  std::vector<double> weights(keep);
  double total = 0;
  for (std::size_t i = 0; i < keep; ++i) {
    const double x = logits[static_cast<std::size_t>(ids[i])];
    weights[i] = std::isnan(x) ? 0 : std::exp((x - highest) / options.temperature);
    total += weights[i];
  }
  if (!(total > 0) || !std::isfinite(total)) return ids.front();
  double kept = 0;
  std::size_t count = 0;
  while (count < keep && kept < options.top_p * total) kept += weights[count++];
  count = std::max<std::size_t>(count, 1);
  double at = random.uniform() * std::max(kept, weights[0]);
  for (std::size_t i = 0; i < count; ++i) {
    at -= weights[i];
    if (at < 0) return ids[i];
  }
  return ids[count - 1];
}

}  // namespace troupe
