#pragma once
// The next token from a model's scores.

#include "model/augment.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace troupe {

struct sampling_options {
  double temperature = 0;         ///< 0: the most likely token, the lowest id of equals
  double top_p = 1;               ///< the smallest set of tokens whose probabilities reach this
  std::int64_t top_k = 0;         ///< the most likely so many; 0: all
  double min_p = 0;               ///< none less likely than this part of the most likely one
  double repetition_penalty = 1;  ///< see `adjust_scores`
  std::vector<std::int64_t> banned;
};

/// Lowers what is not wanted, before a token is drawn: the score of each token in `seen` is divided
/// by the penalty if it is above 0, and multiplied if below (Keskar et al. 2019, CTRL); banned ones
/// become impossible. Ids outside of `logits` are ignored.
void adjust_scores(std::span<float> logits, const sampling_options& options,
                   std::span<const std::int64_t> seen);
inline bool needs_adjusting(const sampling_options& o) noexcept {
  return o.repetition_penalty != 1 || !o.banned.empty();
}

/// `logits` has at least one element; NaN counts as impossible. Draws one number from `random` if
/// the temperature is above 0, and none otherwise. The filters apply in this order: temperature,
/// top_k, top_p, min_p.
std::int64_t sample_token(std::span<const float> logits, const sampling_options& options,
                          random_source& random);

/// The natural logarithm of the softmax of `logits` at `id`.
double log_probability(std::span<const float> logits, std::int64_t id);

}  // namespace troupe
