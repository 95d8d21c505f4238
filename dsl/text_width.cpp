#include "dsl/text_width.hpp"

#include <array>

namespace troupe {

namespace {

struct span {
  char32_t first, last;
};

/// East Asian Wide and Fullwidth, from Unicode's EastAsianWidth.txt, neighbouring blocks merged.
constexpr std::array wide = {
    span{0x1100, 0x115F},   span{0x231A, 0x231B},   span{0x2E80, 0x303E},   span{0x3041, 0x33FF},
    span{0x3400, 0x4DBF},   span{0x4E00, 0xA4CF},   span{0xA960, 0xA97F},   span{0xAC00, 0xD7A3},
    span{0xF900, 0xFAFF},   span{0xFE30, 0xFE6F},   span{0xFF00, 0xFF60},   span{0xFFE0, 0xFFE6},
    span{0x1F300, 0x1F64F}, span{0x1F680, 0x1F6FF}, span{0x1F900, 0x1F9FF}, span{0x20000, 0x3FFFD}};
/// Marks that stand on the character before them, and joiners.
constexpr std::array zero = {span{0x0300, 0x036F}, span{0x200B, 0x200F}, span{0x20D0, 0x20FF},
                             span{0xFE00, 0xFE0F}};
constexpr std::size_t tab_width = 4;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

template <std::size_t N>
bool within(char32_t c, const std::array<span, N>& spans) {
  for (const span& s : spans)
    if (c >= s.first && c <= s.last) return true;
  return false;
}

/// The code point at the start of `s` and its bytes; 0 bytes if it is no valid UTF-8.
std::pair<char32_t, std::size_t> decode(std::string_view s) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  unsigned char b = byte(0);
  if (b < 0x80) return {b, 1};
  std::size_t n = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2;
  if (b < 0xC2 || b > 0xF4 || s.size() < n) return {0, 0};
  char32_t c = b & (0x7F >> n);
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    c = (c << 6) | (byte(i) & 0x3F);
  }
  return {c, n};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::size_t code_point_length(std::string_view text) noexcept {
  std::size_t n = decode(text).second;
  return n == 0 ? 1 : n;
}

std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty(); text.remove_prefix(code_point_length(text))) ++count;
  return count;
}

std::vector<cell> cells_of(std::string_view line) {
  std::vector<cell> cells;
  std::size_t column = 0;
  while (!line.empty()) {
    auto [c, n] = decode(line);
    cell next{std::string(line.substr(0, n)), 1};
    if (c == '\t') {
      next.width = tab_width - column % tab_width;
      next.shown = std::string(next.width, ' ');
    } else if (n == 0 || is_control(c)) {
      next.shown = replacement;
    } else if (within(c, zero)) {
      next.width = 0;
    } else if (within(c, wide)) {
      next.width = 2;
    }
    column += next.width;
    cells.push_back(std::move(next));
    line.remove_prefix(n == 0 ? 1 : n);
  }
  return cells;
}

std::size_t columns_of(std::string_view line) {
  std::size_t sum = 0;
  for (const cell& c : cells_of(line)) sum += c.width;
  return sum;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const cell& c : cells_of(text)) out += c.shown;
  return out;
}

}  // namespace troupe
