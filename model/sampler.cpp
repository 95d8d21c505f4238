#include "model/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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
  const std::int64_t best = most_likely(logits);
  if (!(options.temperature > 0)) return best;
  const more_likely before{logits};
  std::vector<std::int64_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  if (options.top_k > 0 && options.top_k < std::ssize(ids)) {
    std::nth_element(ids.begin(), ids.begin() + options.top_k, ids.end(), before);
    ids.resize(static_cast<std::size_t>(options.top_k));
    std::sort(ids.begin(), ids.end(), before);
  }

  const double highest = logits[static_cast<std::size_t>(best)];
  auto weight = [&](std::int64_t id) {
    const double x = logits[static_cast<std::size_t>(id)];
    return std::isnan(x) ? 0 : std::exp((x - highest) / options.temperature);
  };
  double mass = 0;
  for (std::int64_t id : ids) mass += weight(id);
  if (!(mass > 0) || !std::isfinite(mass)) return best;
  if (options.top_p < 1) {
    // A heap, as of many thousand tokens only the few most likely are needed in order.
    auto less = [&](std::int64_t a, std::int64_t b) { return before(b, a); };
    const double enough = options.top_p * mass;
    auto end = ids.end();
    std::make_heap(ids.begin(), end, less);
    mass = 0;
    do {
      std::pop_heap(ids.begin(), end--, less);
      mass += weight(*end);
    } while (end != ids.begin() && mass < enough);
    ids.erase(ids.begin(), end);
  }
  if (options.min_p > 0) {
    // Weights are relative to the most likely token's, whose weight is 1.
    std::erase_if(ids, [&](std::int64_t id) { return weight(id) < options.min_p; });
    mass = 0;
    for (std::int64_t id : ids) mass += weight(id);
  }
  double at = random.uniform() * mass;
  for (std::int64_t id : ids) {
    at -= weight(id);
    if (at < 0) return id;
  }
  return best;
}

void adjust_scores(std::span<float> logits, const sampling_options& options,
                   std::span<const std::int64_t> seen) {
  auto at = [&](std::int64_t id) -> float* {
    return id < 0 || id >= std::ssize(logits) ? nullptr : &logits[static_cast<std::size_t>(id)];
  };
  if (options.repetition_penalty != 1) {
    const auto by = static_cast<float>(options.repetition_penalty);
    std::vector<std::int64_t> once(seen.begin(), seen.end());
    std::ranges::sort(once);
    const auto rest = std::ranges::unique(once);
    once.erase(rest.begin(), rest.end());
    for (const std::int64_t id : once)
      if (float* score = at(id)) *score = *score > 0 ? *score / by : *score * by;
  }
  for (const std::int64_t id : options.banned)
    if (float* score = at(id)) *score = -std::numeric_limits<float>::infinity();
}

double log_probability(std::span<const float> logits, std::int64_t id) {
  const double highest = logits[static_cast<std::size_t>(most_likely(logits))];
  double mass = 0;
  for (const float x : logits)
    if (!std::isnan(x)) mass += std::exp(x - highest);
  return logits[static_cast<std::size_t>(id)] - highest - std::log(mass);
}

}  // namespace troupe
