#include "transport/utf8.hpp"

#include <array>

namespace troupe {

namespace {

/// One row of table 3-7 of the Unicode Standard: what the first and second byte may be, and how
/// many plain continuation bytes follow.
struct row {
  unsigned char first, last;
  unsigned char second_first, second_last;
  unsigned char more;
};

constexpr std::array<row, 8> rows = {{
    {0xC2, 0xDF, 0x80, 0xBF, 0},
    {0xE0, 0xE0, 0xA0, 0xBF, 1},
    {0xE1, 0xEC, 0x80, 0xBF, 1},
    {0xED, 0xED, 0x80, 0x9F, 1},
    {0xEE, 0xEF, 0x80, 0xBF, 1},
    {0xF0, 0xF0, 0x90, 0xBF, 2},
    {0xF1, 0xF3, 0x80, 0xBF, 2},
    {0xF4, 0xF4, 0x80, 0x8F, 2},
}};

/// Bytes of the sequence at the start of `s`, 0 if there is none.
std::size_t sequence_length(std::string_view s) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  if (byte(0) < 0x80) return 1;
  for (const row& r : rows) {
    if (byte(0) < r.first || byte(0) > r.last) continue;
    std::size_t length = 2u + r.more;
    if (s.size() < length || byte(1) < r.second_first || byte(1) > r.second_last) return 0;
    for (std::size_t i = 2; i < length; ++i)
      if ((byte(i) & 0xC0) != 0x80) return 0;
    return length;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    auto n = sequence_length(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

}  // namespace troupe
