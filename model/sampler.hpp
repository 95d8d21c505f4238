#pragma once
// The next token from a model's scores.

#include "model/augment.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace troupe {

struct sampling_options {
  double temperature = 0;  ///< 0: the most likely token, the lowest id of equals
  double top_p = 1;        ///< the smallest set of tokens whose probabilities reach this
  std::int64_t top_k = 0;  ///< the most likely so many; 0: all
  std::vector<std::int64_t> banned;
};

/// Makes the banned tokens impossible, before one is drawn. Ids outside of `logits` are ignored.
void adjust_scores(std::span<float> logits, const sampling_options& options);
inline bool needs_adjusting(const sampling_options& o) noexcept { return !o.banned.empty(); }

/// `logits` has at least one element; NaN counts as impossible. Draws one number from `random` if
/// the temperature is above 0, and none otherwise. The filters apply in this order: temperature,
/// top_k, top_p.
std::int64_t sample_token(std::span<const float> logits, const sampling_options& options,
                          random_source& random);

/// The natural logarithm of the softmax of `logits` at `id`.
double log_probability(std::span<const float> logits, std::int64_t id);

}  // namespace troupe
