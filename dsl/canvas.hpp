#pragma once
// A grid of characters on which lines of several strengths meet in the right corners.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

enum class stroke : std::uint8_t { none, light, heavy, dashed };

class canvas {
 public:
  /// A line down (`from` above `to`) or to the right, ends included. Where a line down crosses one
  /// to the right that it has no end on, it passes over it.
  void down(std::size_t column, std::size_t from, std::size_t to, stroke s);
  void right(std::size_t row, std::size_t from, std::size_t to, stroke s);
  /// Text stands before lines. Wide characters take two columns.
  void text(std::size_t column, std::size_t row, std::string_view shown);
  /// The rows, without spaces at their ends, each with a line end.
  std::string render() const;

 private:
  struct spot {
    std::array<stroke, 4> arms{};  ///< up, right, down, left
    bool joined = false;           ///< a line ends here, so crossing lines meet
    std::string text;
    bool covered = false;  ///< by the wide character to its left
  };
  spot& at(std::size_t column, std::size_t row);
  static std::string_view glyph(const spot& s);

  std::vector<std::vector<spot>> rows_;
};

}  // namespace troupe
