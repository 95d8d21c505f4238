#pragma once
// What was expected beside what there is: the shortest way from one to the other, line by line.

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One part of what is expected.
struct expected_part {
  std::vector<std::string> lines;  ///< one, or several that may come in any order
  bool anything = false;           ///< instead: any number of any lines
};

struct aligned_line {
  enum class kind : std::uint8_t {
    both,
    missing,     ///< expected, and not there
    unexpected,  ///< there, and not expected
    anything,    ///< there, where anything may be
  };
  kind what = kind::both;
  std::string text;
};

/// By dynamic programming over both (Needleman and Wunsch, 1970); a line too few or too many costs
/// one. Time and space grow with the product of their lengths.
std::vector<aligned_line> align(const std::vector<expected_part>& expected,
                                const std::vector<std::string>& found);

bool all_match(const std::vector<aligned_line>& lines) noexcept;

/// As people read it: "- " is missing, "+ " unexpected, "  " in both; long stretches without a
/// difference are "  …".
std::vector<std::string> render(const std::vector<aligned_line>& lines);

std::vector<std::string> lines_of(std::string_view text);

}  // namespace troupe
