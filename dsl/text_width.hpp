#pragma once
// How text takes up room on a terminal: what a caret under a source line needs to know.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One code point of a line as it is shown.
struct cell {
  std::string shown;  ///< what to print: UTF-8; spaces for a tab
  std::size_t width;  ///< columns it takes: 0, 1 or 2, more for a tab
};

/// The code points of one line, in order. Tabs go to the next multiple of 4; control characters
/// and bytes that are no UTF-8 are shown as U+FFFD, so that no file can steer the terminal.
std::vector<cell> cells_of(std::string_view line);

/// Columns of one line, all its code points together.
std::size_t columns_of(std::string_view line);

/// `text` on one line and without control characters.
std::string printable(std::string_view text);

/// Bytes of the code point at the start of `text`, which is not empty; 1 if it is no UTF-8.
std::size_t code_point_length(std::string_view text) noexcept;
std::size_t count_code_points(std::string_view text) noexcept;

}  // namespace troupe
