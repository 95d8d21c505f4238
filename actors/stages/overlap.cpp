#include "actors/stages/overlap.hpp"

#include "actors/stages/text.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace troupe::stages {

std::vector<std::size_t> ngrams_of(std::string_view text) {
  const auto units = units_of(folded(text));
  std::vector<std::size_t> grams;
  for (std::size_t i = 0; i < units.size(); ++i) {
    grams.push_back(std::hash<std::string>()(units[i]));
    if (i > 0) grams.push_back(std::hash<std::string>()(units[i - 1] + " " + units[i]));
  }
  std::ranges::sort(grams);
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

double overlap(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  if (a.empty() && b.empty()) return 1;
  std::size_t shared = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) {
      ++shared;
      ++x;
      ++y;
    } else {
      ++(*x < *y ? x : y);
    }
  }
  return 2 * static_cast<double>(shared) / static_cast<double>(a.size() + b.size());
}

}  // namespace troupe::stages
