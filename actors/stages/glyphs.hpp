#pragma once
// Characters as a reader sees them who looks past a disguise: letter case, width, accents,
// traditional forms and letters written as digits or signs make no difference. Every character is
// looked at alone, so that a text can be read as it streams in.

#include <cstdint>
#include <string_view>
#include <vector>

namespace troupe::stages {

enum class glyph_kind : std::uint8_t {
  letter,     ///< of a script that puts spaces between words
  ideograph,  ///< of a script that does not: Han, kana, Hangul, Thai and its neighbours
  digit,
  sign,  ///< `$`, `@` and others that may stand for a letter
};

struct glyph {
  /// Equal for all that may be meant by each other: `i`, `l`, `1`, `!` and `|` have the shape `i`,
  /// `S`, `ｓ`, `5` and `$` the shape `s`.
  char32_t shape = 0;
  char32_t raw = 0;  ///< the character itself; of letters the folded one
  glyph_kind kind = glyph_kind::letter;
};

/// True if `written` can stand for `meant`: it is the same, or one of the signs and digits that are
/// written in its place. `i` and `l` never stand for each other, `1` does for both.
bool stands_for(const glyph& written, const glyph& meant) noexcept;

/// What stands between two glyphs, strongest last.
enum class gap_kind : std::uint8_t {
  none,
  joiner,  ///< `.`, `-`, `*`, emoji: what people put between letters to hide a word
  space,
  line,    ///< a line end
  broken,  ///< punctuation that ends a part of a sentence
};

enum class character_role : std::uint8_t {
  nothing,  ///< zero-width characters and combining marks
  gap,
  glyph,
  glyphs,  ///< stands for several: `ß`, `㎏`
};

struct seen_character {
  character_role role = character_role::nothing;
  gap_kind gap = gap_kind::none;  ///< if the role is `gap`
  glyph only;                     ///< if the role is `glyph`
};

/// `c` is a code point, or -1 for a byte that is not UTF-8 (a `broken` gap).
seen_character look_at(std::int32_t c);
/// The glyphs of a character of the role `glyphs`.
std::vector<glyph> glyphs_of(std::int32_t c);

/// The code point at `text[at]`, and `at` moved behind it; -1 and one byte if it is not UTF-8.
std::int32_t next_character(std::string_view text, std::size_t& at) noexcept;
/// Number of bytes at the end of `text` that begin a character which is not there yet.
std::size_t unfinished_bytes(std::string_view text) noexcept;

}  // namespace troupe::stages
