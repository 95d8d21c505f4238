#include "actors/stages/glyphs.hpp"

#include "model/simplified.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace troupe::stages {

namespace {

struct substitute {
  char32_t written, meant;
};

/// Digits and signs in the place of letters, and letters of other alphabets that look like Latin
/// ones. `1`, `!` and `|` may be `l` as well as `i`.
constexpr substitute substitutes[] = {
    {U'0', U'o'}, {U'1', U'i'}, {U'3', U'e'}, {U'4', U'a'}, {U'5', U's'}, {U'7', U't'},
    {U'8', U'b'}, {U'@', U'a'}, {U'$', U's'}, {U'!', U'i'}, {U'|', U'i'}, {U'€', U'e'},
    {U'а', U'a'}, {U'е', U'e'}, {U'о', U'o'}, {U'р', U'p'}, {U'с', U'c'}, {U'у', U'y'},
    {U'х', U'x'}, {U'і', U'i'}, {U'ј', U'j'}, {U'ѕ', U's'}, {U'к', U'k'}, {U'м', U'm'},
    {U'т', U't'}, {U'в', U'b'}, {U'н', U'h'}, {U'α', U'a'}, {U'ο', U'o'}, {U'ρ', U'p'},
    {U'ν', U'v'}, {U'ι', U'i'}, {U'κ', U'k'}, {U'ɑ', U'a'}, {U'ı', U'i'}, {U'ɡ', U'g'},
};

/// What ends a part of a sentence, so that no word goes across it.
constexpr std::u32string_view breaking = U",;:?¿¡，。！？；：、";

bool either_i_or_l(char32_t raw) { return raw == U'1' || raw == U'!' || raw == U'|'; }

const substitute* find_substitute(char32_t c) {
  const auto* found = std::ranges::find(substitutes, c, &substitute::written);
  return found == std::end(substitutes) ? nullptr : found;
}

bool within(std::int32_t c, std::int32_t low, std::int32_t high) { return c >= low && c <= high; }

bool is_unspaced(std::int32_t c) {
  return within(c, 0x2E80, 0x2FDF) || within(c, 0x3005, 0x3007) || within(c, 0x3021, 0x30FF) ||
         within(c, 0x3105, 0x318F) || within(c, 0x31A0, 0x31FF) || within(c, 0x3400, 0x9FFF) ||
         within(c, 0xA000, 0xA4CF) || within(c, 0xAC00, 0xD7FF) || within(c, 0xF900, 0xFAFF) ||
         within(c, 0x20000, 0x323AF) || within(c, 0x1100, 0x11FF) || within(c, 0x0E00, 0x0EFF) ||
         within(c, 0x1000, 0x109F) || within(c, 0x1780, 0x17FF);
}

/// Marks that decorate a letter. Those of Indic and Thai scripts are letters of their own.
bool is_decoration(std::int32_t c, int category) {
  if (category != UTF8PROC_CATEGORY_MN && category != UTF8PROC_CATEGORY_ME) return false;
  return c < 0x0900 || within(c, 0x1AB0, 0x1AFF) || within(c, 0x1DC0, 0x1DFF) ||
         within(c, 0x20D0, 0x20FF) || within(c, 0xFE00, 0xFE2F) || within(c, 0xE0100, 0xE01EF);
}

bool is_invisible(std::int32_t c, int category) {
  if (category == UTF8PROC_CATEGORY_CF) return true;
  constexpr std::int32_t fillers[] = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0};
  return std::ranges::find(fillers, c) != std::end(fillers);
}

seen_character gap(gap_kind kind) { return {character_role::gap, kind, {}}; }

/// The role of one code point that decomposes no further.
seen_character classify(std::int32_t c) {
  if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029 || c == 0x85) return gap(gap_kind::line);
  if (c == '\t' || c == '\v' || c == '\f') return gap(gap_kind::space);
  const auto category = utf8proc_category(c);
  if (is_invisible(c, category) || is_decoration(c, category)) return {};
  if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CN ||
      category == UTF8PROC_CATEGORY_CS || category == UTF8PROC_CATEGORY_CO)
    return gap(gap_kind::broken);
  if (category >= UTF8PROC_CATEGORY_ZS) return gap(gap_kind::space);

  const auto raw = static_cast<char32_t>(c);
  const auto* stands = find_substitute(raw);
  auto one = [&](glyph_kind kind, char32_t shape) {
    return seen_character{character_role::glyph, gap_kind::none, {shape, raw, kind}};
  };
  if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO)
    return one(glyph_kind::digit, stands ? stands->meant : raw);
  if (category >= UTF8PROC_CATEGORY_PC) {
    if (stands) return one(glyph_kind::sign, stands->meant);
    return gap(breaking.find(raw) == breaking.npos ? gap_kind::joiner : gap_kind::broken);
  }
  if (is_unspaced(c)) {
    const auto simple = to_simplified(raw);
    return {character_role::glyph, gap_kind::none, {simple, simple, glyph_kind::ideograph}};
  }
  if (stands) return one(glyph_kind::letter, stands->meant);
  return one(glyph_kind::letter, raw == U'l' ? U'i' : raw);
}

/// Kana and Hangul are whole as they are: taken apart, が would begin with か.
bool stays_whole(std::int32_t c) { return within(c, 0x3041, 0x30FF) || within(c, 0xAC00, 0xD7A3); }

seen_character look_up(std::int32_t c, std::vector<glyph>* all) {
  if (c < 0 || c > 0x10FFFF) return gap(gap_kind::broken);
  if (stays_whole(c)) return classify(c);
  std::array<utf8proc_int32_t, 32> pieces{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(
      c, pieces.data(), pieces.size(),
      static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD),
      &boundary);
  if (count <= 0 || count > static_cast<utf8proc_ssize_t>(pieces.size())) return classify(c);
  seen_character seen;
  std::size_t glyphs = 0;
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    const auto piece = classify(pieces[static_cast<std::size_t>(i)]);
    if (piece.role == character_role::glyph) {
      if (all) all->push_back(piece.only);
      if (++glyphs == 1) seen = piece;
    } else if (piece.role == character_role::gap && glyphs == 0) {
      seen = piece;
    }
  }
  if (glyphs > 1) seen.role = character_role::glyphs;
  return seen;
}

constexpr std::size_t plane = 0x10000;

}  // namespace

bool stands_for(const glyph& written, const glyph& meant) noexcept {
  if (written.raw == meant.raw) return true;
  if (written.shape != meant.shape || meant.kind != glyph_kind::letter) return false;
  if (either_i_or_l(written.raw)) return meant.raw == U'i' || meant.raw == U'l';
  return written.raw != U'l' && written.raw != written.shape && meant.raw == written.shape;
}

seen_character look_at(std::int32_t c) {
  static const std::vector<seen_character> known = [] {
    std::vector<seen_character> all(plane);
    for (std::size_t i = 0; i < plane; ++i) all[i] = look_up(static_cast<std::int32_t>(i), nullptr);
    return all;
  }();
  if (c >= 0 && c < static_cast<std::int32_t>(plane)) return known[static_cast<std::size_t>(c)];
  return look_up(c, nullptr);
}

std::vector<glyph> glyphs_of(std::int32_t c) {
  std::vector<glyph> all;
  look_up(c, &all);
  return all;
}

std::int32_t next_character(std::string_view text, std::size_t& at) noexcept {
  if (const auto byte = static_cast<unsigned char>(text[at]); byte < 0x80) {
    ++at;
    return byte;
  }
  utf8proc_int32_t c = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  at += length > 0 ? static_cast<std::size_t>(length) : 1;
  return length > 0 ? c : -1;
}

std::size_t unfinished_bytes(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    if (byte > 0xF4 || length <= back) return 0;
    // More bytes can help only if those at hand are right so far.
    std::array<utf8proc_uint8_t, 4> whole{};
    for (std::size_t i = 0; i < length; ++i)
      whole[i] = i < back ? static_cast<utf8proc_uint8_t>(text[text.size() - back + i]) : 0x80;
    for (const utf8proc_uint8_t second :
         {whole[1], utf8proc_uint8_t{0x90}, utf8proc_uint8_t{0xA0}}) {
      if (back > 1 && second != whole[1]) break;
      whole[1] = second;
      utf8proc_int32_t c = -1;
      if (utf8proc_iterate(whole.data(), static_cast<utf8proc_ssize_t>(length), &c) > 0)
        return back;
    }
    return 0;
  }
  return 0;
}

}  // namespace troupe::stages
