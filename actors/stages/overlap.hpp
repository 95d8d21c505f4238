#pragma once
// How much two texts say the same, by the n-grams they share: words and pairs of words, characters
// and pairs of characters where no spaces are written.

#include <string_view>
#include <vector>

namespace troupe::stages {

/// The n-grams of a text, folded (text.hpp), hashed, sorted, each once.
std::vector<std::size_t> ngrams_of(std::string_view text);

/// Sørensen and Dice's coefficient: shared n-grams over the mean of both numbers, in [0, 1]. Two
/// texts without any are the same.
double overlap(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b);

}  // namespace troupe::stages
