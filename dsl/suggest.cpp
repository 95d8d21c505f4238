#include "dsl/suggest.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Names beyond this length are never slips of one another; it keeps the table small.
constexpr std::size_t longest_name = 100;
constexpr std::size_t most_listed = 8;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_up, up, row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    two_up = std::exchange(up, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string_view nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > longest_name) return {};
  // A third of the letters may be wrong, and in a short name one.
  std::size_t best = std::max<std::size_t>(name.size() / 3, 1) + 1;
  std::string_view found;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(name.size(), candidate.size());
    if (longer > longest_name || longer - std::min(name.size(), candidate.size()) >= best) continue;
    std::size_t distance = edit_distance(name, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string suggest(std::string_view name, const std::vector<std::string>& candidates) {
  std::string_view near = nearest_name(name, candidates);
  if (!near.empty()) return "did you mean `" + std::string(near) + "`?";
  if (candidates.empty() || candidates.size() > most_listed) return {};
  return (candidates.size() == 1 ? "there is only " : "there are ") + quoted_list(candidates);
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + "`";
  return out;
}

}  // namespace troupe
