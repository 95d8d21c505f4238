#include "dsl/alignment.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace troupe {

namespace {

using kind = aligned_line::kind;

/// Unchanged lines that are shown around a difference.
constexpr std::size_t context = 2;

class aligner {
 public:
  aligner(const std::vector<expected_part>& expected, const std::vector<std::string>& found)
      : expected_(expected), found_(found), costs_((expected.size() + 1) * (found.size() + 1)) {
    for (std::size_t i = expected.size() + 1; i-- > 0;)
      for (std::size_t j = found.size() + 1; j-- > 0;) cost(i, j) = best(i, j);
  }

  std::vector<aligned_line> lines() {
    std::vector<aligned_line> out;
    std::size_t i = 0, j = 0;
    while (i < expected_.size() || j < found_.size()) {
      const std::uint32_t here = cost(i, j);
      if (const std::size_t n = matched(i, j); n > 0 && here == cost(i + 1, j + n)) {
        for (std::size_t end = j + n; j < end; ++j) out.push_back({kind::both, found_[j]});
        ++i;
      } else if (is_gap(i) && here == cost(i + 1, j)) {
        ++i;
      } else if (is_gap(i) && j < found_.size() && here == cost(i, j + 1)) {
        out.push_back({kind::anything, found_[j++]});
      } else if (i < expected_.size() && !is_gap(i) && here == cost(i + 1, j) + size(i)) {
        for (const std::string& line : expected_[i].lines) out.push_back({kind::missing, line});
        ++i;
      } else {
        out.push_back({kind::unexpected, found_[j++]});
      }
    }
    return out;
  }

 private:
  std::uint32_t& cost(std::size_t i, std::size_t j) { return costs_[i * (found_.size() + 1) + j]; }
  bool is_gap(std::size_t i) const { return i < expected_.size() && expected_[i].anything; }
  std::uint32_t size(std::size_t i) const {
    return static_cast<std::uint32_t>(expected_[i].lines.size());
  }

  /// How many lines from `j` on are what part `i` expects; 0: they are not.
  std::size_t matched(std::size_t i, std::size_t j) const {
    if (i >= expected_.size() || is_gap(i)) return 0;
    const auto& wanted = expected_[i].lines;
    if (wanted.size() > found_.size() - j) return 0;
    const auto begin = found_.begin() + static_cast<std::ptrdiff_t>(j);
    const auto end = begin + static_cast<std::ptrdiff_t>(wanted.size());
    return std::is_permutation(begin, end, wanted.begin(), wanted.end()) ? wanted.size() : 0;
  }

  std::uint32_t best(std::size_t i, std::size_t j) {
    if (i == expected_.size()) return static_cast<std::uint32_t>(found_.size() - j);
    std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
    const std::uint32_t skip = is_gap(i) ? 0 : 1;
    if (const std::size_t n = matched(i, j); n > 0) least = cost(i + 1, j + n);
    if (j < found_.size()) least = std::min(least, cost(i, j + 1) + skip);
    return std::min(least, cost(i + 1, j) + (is_gap(i) ? 0 : size(i)));
  }

  const std::vector<expected_part>& expected_;
  const std::vector<std::string>& found_;
  std::vector<std::uint32_t> costs_;  ///< of aligning the rest from (i, j) on
};

bool differs(const aligned_line& l) {
  return l.what == kind::missing || l.what == kind::unexpected;
}

}  // namespace

std::vector<aligned_line> align(const std::vector<expected_part>& expected,
                                const std::vector<std::string>& found) {
  return aligner(expected, found).lines();
}

bool all_match(const std::vector<aligned_line>& lines) noexcept {
  return std::ranges::none_of(lines, differs);
}

std::vector<std::string> render(const std::vector<aligned_line>& lines) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t from = i - std::min(i, context), to = std::min(lines.size(), i + context + 1);
    const bool near = std::any_of(lines.begin() + static_cast<std::ptrdiff_t>(from),
                                  lines.begin() + static_cast<std::ptrdiff_t>(to), differs);
    if (near)
      out.push_back((lines[i].what == kind::missing      ? "- "
                     : lines[i].what == kind::unexpected ? "+ "
                                                         : "  ") +
                    lines[i].text);
    else if (out.empty() || out.back() != "  …")
      out.emplace_back("  …");
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace troupe
