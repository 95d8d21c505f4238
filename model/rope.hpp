#pragma once
// Rotary position embeddings (Su et al. 2021): the frequency of each pair of a head's elements, and
// the ways in which models stretch them beyond the context they were trained on.

#include <cstdint>
#include <optional>
#include <vector>

namespace troupe {

enum class rope_kind : std::uint8_t {
  plain,
  linear,   ///< positions divided by `factor` (Chen et al. 2023)
  dynamic,  ///< a base that grows with the sequence, once it is longer than the original context
  llama3,   ///< low frequencies divided by `factor`, high ones kept, a smooth passage between
  yarn      ///< Peng et al. 2023: by parts, and a temperature of attention
};

struct rope_settings {
  rope_kind kind = rope_kind::plain;
  std::int64_t size = 0;  ///< elements of a head that are turned; even
  double theta = 10000;
  double factor = 1;                       ///< at least 1
  std::int64_t original_context = 0;       ///< the context the model was first trained on
  double low_factor = 1, high_factor = 4;  ///< llama3: low < high
  double beta_fast = 32, beta_slow = 1;    ///< yarn: rotations within the original context
  bool whole_borders = true;               ///< yarn: the borders between parts are rounded
  std::optional<double> attention_factor;  ///< yarn: in place of the one that follows from factor
  double mscale = 0, mscale_all_dims = 0;  ///< yarn as DeepSeek uses it; 0: not given

  /// Whether sequences of different lengths turn the same position differently: then what was
  /// computed for one is of no use for another.
  bool depends_on_length(std::int64_t length) const noexcept {
    return kind == rope_kind::dynamic && length > original_context;
  }
};

/// Radians per position of each of the `size / 2` pairs, in a sequence of `length` tokens. As
/// transformers' modeling_rope_utils.py computes them, in float64.
std::vector<double> rope_frequencies(const rope_settings& s, std::int64_t length);

/// What sines and cosines are multiplied by: 1 but for yarn.
double rope_attention_factor(const rope_settings& s);

/// What DeepSeek's decoders multiply the scores of attention by: 1 but for yarn with
/// `mscale_all_dims`.
double rope_score_factor(const rope_settings& s);

}  // namespace troupe
