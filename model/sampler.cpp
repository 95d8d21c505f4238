#include "model/sampler.hpp"

#include "model/cpu_linear.hpp"
#include "model/cpu_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace troupe {

namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

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
  if (has_cpu_kernels()) {
    const auto count = std::ssize(logits);
    const auto found = first_score_of(logits.data(), count, highest_score(logits.data(), count));
    return found < count ? found : 0;
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < logits.size(); ++i)
    if (logits[i] > logits[best] || std::isnan(logits[best])) best = i;
  return static_cast<std::int64_t>(best);
}

/// The sum of exp((logit - highest) / temperature).
double mass_of(std::span<const float> logits, double highest, double temperature) {
  if (has_cpu_kernels())
    return sum_of_exponentials(logits.data(), std::ssize(logits), static_cast<float>(highest),
                               static_cast<float>(1 / temperature));
  double mass = 0;
  for (const float x : logits)
    if (!std::isnan(x)) mass += std::exp((x - highest) / temperature);
  return mass;
}

/// Draws from the tokens that the filters leave. Of many thousand tokens only a few are likely, so
/// only those above a floor are looked at; it is lowered until what is below cannot count.
class filtered_draw {
 public:
  filtered_draw(std::span<const float> logits, const sampling_options& options, double highest)
      : logits_(logits), o_(options), highest_(highest) {}

  /// -1 if no token is possible.
  std::int64_t operator()(random_source& random) {
    const double whole = mass_of(logits_, highest_, o_.temperature);
    if (!(whole > 0) || !std::isfinite(whole)) return -1;
    if (o_.top_k <= 0 && o_.top_p >= 1 && o_.min_p <= 0) return walk(random.uniform() * whole);
    for (double depth = 4; !is_enough(whole); depth *= 2)
      gather(highest_ - depth * o_.temperature, depth);
    std::ranges::sort(ids_, more_likely{logits_});
    return pick(random, whole);
  }

 private:
  double weight(std::int64_t id) const {
    const double x = logits_[static_cast<std::size_t>(id)];
    return std::isnan(x) ? 0 : std::exp((x - highest_) / o_.temperature);
  }

  bool limits_count() const { return o_.top_k > 0 && o_.top_k < std::ssize(logits_); }

  /// The candidates are all tokens at or above `floor`; exp(-depth) is the least weight.
  void gather(double floor, double depth) {
    // exp(-128) of the likeliest: what is below it is never drawn, but may be counted.
    complete_ = depth > 128;
    least_ = complete_ ? 0 : std::exp(-depth);
    if (complete_) floor = impossible;
    ids_.clear();
    for (std::int64_t i = 0; i < std::ssize(logits_); ++i)
      if (logits_[static_cast<std::size_t>(i)] >= floor) ids_.push_back(i);
  }

  bool is_enough(double whole) const {
    if (complete_) return true;
    if (ids_.empty()) return false;
    if (limits_count() && std::ssize(ids_) >= o_.top_k) return true;
    if (o_.min_p > 0 && least_ <= o_.min_p && !limits_count()) return true;
    if (limits_count() || o_.top_p >= 1) return false;
    double mass = 0;
    for (const std::int64_t id : ids_) mass += weight(id);
    return mass >= o_.top_p * whole;
  }

  std::int64_t pick(random_source& random, double mass) {
    if (limits_count()) {
      ids_.resize(std::min(ids_.size(), static_cast<std::size_t>(o_.top_k)));
      mass = 0;
      for (const std::int64_t id : ids_) mass += weight(id);
    }
    const double enough = o_.top_p < 1 ? o_.top_p * mass : std::numeric_limits<double>::infinity();
    double kept = 0;
    std::size_t count = 0;
    // Weights are relative to the most likely token's, whose weight is 1.
    while (count < ids_.size() && (count == 0 || kept < enough) && weight(ids_[count]) >= o_.min_p)
      kept += weight(ids_[count++]);
    double at = random.uniform() * kept;
    for (std::size_t i = 0; i < count; ++i)
      if ((at -= weight(ids_[i])) < 0) return ids_[i];
    return ids_.front();
  }

  /// The token at `at` of the whole mass, in the order of their ids: in large steps first.
  std::int64_t walk(double at) const {
    constexpr std::size_t step = 1024;
    std::size_t from = 0;
    for (; from + step < logits_.size(); from += step) {
      const double part = mass_of(logits_.subspan(from, step), highest_, o_.temperature);
      if (at < part) break;
      at -= part;
    }
    std::int64_t last = -1;
    for (auto i = static_cast<std::int64_t>(from); i < std::ssize(logits_); ++i) {
      const double w = weight(i);
      if (w > 0) last = i;
      if ((at -= w) < 0) return i;
    }
    return last;
  }

  std::span<const float> logits_;
  const sampling_options& o_;
  double highest_;
  std::vector<std::int64_t> ids_;
  double least_ = 1;
  bool complete_ = false;
};

}  // namespace

std::int64_t sample_token(std::span<const float> logits, const sampling_options& options,
                          random_source& random) {
  const std::int64_t best = most_likely(logits);
  if (!(options.temperature > 0)) return best;
  filtered_draw draw(logits, options, logits[static_cast<std::size_t>(best)]);
  const auto drawn = draw(random);
  return drawn < 0 ? best : drawn;
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
  return logits[static_cast<std::size_t>(id)] - highest - std::log(mass_of(logits, highest, 1));
}

}  // namespace troupe
