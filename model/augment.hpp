#pragma once
// Variations of training texts: typing errors and left-out words, so that a classifier does not
// lean on any one word or its spelling.

#include "model/features.hpp"

#include <cstdint>
#include <vector>

namespace troupe {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere, unlike <random>'s
/// distributions.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  ///< in [0, 1)
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t state_;
};

struct augment_options {
  double typos = 0;         ///< chance per Latin word of at least 3 letters
  double word_dropout = 0;  ///< chance per token; at least one token stays
};

/// A typing error is two letters swapped, one left out, one doubled, or two words run together.
std::vector<text_token> augment(std::vector<text_token> tokens, const augment_options& options,
                                random_source& random);

}  // namespace troupe
