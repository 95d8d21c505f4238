#pragma once
// "Did you mean": the hint that goes with an unknown name.

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Damerau-Levenshtein distance (optimal string alignment: insertions, deletions, substitutions
/// and swaps of neighbours, no substring edited twice), in bytes, upper and lower case alike.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `name`, if it is near enough to be a slip of the fingers.
/// Empty if none is. The first of equally near ones wins.
std::string_view nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// "did you mean `label`?", or the candidates if there are few, or nothing.
std::string suggest(std::string_view name, const std::vector<std::string>& candidates);

/// "`a`, `b`, `c`".
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace troupe
