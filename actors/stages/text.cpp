#include "actors/stages/text.hpp"

#include "model/language.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace troupe::stages {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// Calls `each(code point, bytes)` for every character; a code point of -1 is an invalid byte.
template <class F>
void walk(std::string_view text, F&& each) {
  auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t point = -1;
    auto length =
        utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (length <= 0) {
      point = -1;
      length = 1;
    }
    each(point, text.substr(at, static_cast<std::size_t>(length)));
    at += static_cast<std::size_t>(length);
  }
}

bool is_han(utf8proc_int32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF);
}

bool is_letter(utf8proc_int32_t c) {
  auto category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_mark(utf8proc_int32_t c) {
  auto category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

bool is_digit(utf8proc_int32_t c) {
  auto category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

bool is_space(utf8proc_int32_t c) {
  if (c >= 0 && c <= 0x20) return true;
  auto category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_CF;
}

struct word_counts {
  std::size_t han = 0, latin = 0, other = 0;
};

word_counts count(std::string_view text) {
  word_counts n;
  enum { outside, latin, other } inside = outside;
  walk(text, [&](utf8proc_int32_t c, std::string_view) {
    if (is_han(c)) {
      ++n.han;
      inside = outside;
    } else if (is_letter(c) || (inside != outside && (is_mark(c) || c == '\''))) {
      if (inside != latin) ++n.latin;
      if (inside == other) --n.other;  // "3rd" is one word, and one of letters
      inside = latin;
    } else if (is_digit(c)) {
      if (inside == outside) {
        ++n.other;
        inside = other;
      }
    } else {
      inside = outside;
    }
  });
  return n;
}

/// Length of a number at the start of `line`: ASCII digits, or Chinese numerals.
std::size_t number_length(std::string_view line) {
  constexpr std::string_view numerals = "一二三四五六七八九十";
  std::size_t at = 0;
  while (at < line.size() && line[at] >= '0' && line[at] <= '9') ++at;
  if (at > 0) return at < 4 ? at : 0;
  while (at + 3 <= line.size() && numerals.find(line.substr(at, 3)) != numerals.npos) at += 3;
  return at;
}

/// Removes `prefix` and says whether it was there.
bool skip(std::string_view& line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return false;
  line.remove_prefix(prefix.size());
  return true;
}

/// Removes a number with what sets it apart: `1.`, `2)`, `(3)`, `一、`, `（二）`.
bool skip_number(std::string_view& line) {
  std::string_view rest = line;
  const bool open = skip(rest, "(") || skip(rest, "（");
  const auto length = number_length(rest);
  if (length == 0) return false;
  const bool ascii = rest[0] <= '9';
  rest.remove_prefix(length);
  bool set_apart = skip(rest, ")") || skip(rest, "）");
  if (!open && !set_apart) {
    set_apart = skip(rest, "、") || skip(rest, "．") || (ascii && skip(rest, "."));
    // 1.5 is a number, not the first of a list.
    if (set_apart && !rest.empty() && rest[0] >= '0' && rest[0] <= '9') return false;
  }
  if (set_apart) line = rest;
  return set_apart;
}

std::string_view without_space(std::string_view line) {
  constexpr std::string_view blank = " \t\r\v\f";
  while (!line.empty() && blank.find(line.front()) != blank.npos) line.remove_prefix(1);
  while (!line.empty() && blank.find(line.back()) != blank.npos) line.remove_suffix(1);
  return line;
}

/// What a line of a list says, without its marks.
std::string_view without_marks(std::string_view line) {
  constexpr std::string_view bullets[] = {"- ", "* ", "• ", "•", "· ", "·", "– ", "— "};
  line = without_space(line);
  while (skip(line, "#")) {
  }
  line = without_space(line);
  for (auto bullet : bullets)
    if (skip(line, bullet)) break;
  line = without_space(line);
  const bool bold = line.size() > 4 && line.starts_with("**") && line.ends_with("**");
  if (bold) line = line.substr(2, line.size() - 4);
  if (line == "-" || line == "*") return {};
  skip_number(line);
  return without_space(line);
}

}  // namespace

std::string clean_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  walk(text,
       [&](utf8proc_int32_t c, std::string_view bytes) { out += c < 0 ? replacement : bytes; });
  return out;
}

bool is_blank(std::string_view text) noexcept {
  bool blank = true;
  walk(text, [&](utf8proc_int32_t c, std::string_view) { blank = blank && is_space(c); });
  return blank;
}

std::size_t count_characters(std::string_view text) noexcept {
  std::size_t n = 0;
  walk(text, [&](utf8proc_int32_t, std::string_view) { ++n; });
  return n;
}

std::size_t count_words(std::string_view text) noexcept {
  auto n = count(text);
  return n.han + n.latin + n.other;
}

std::optional<std::string_view> language_of(std::string_view text) noexcept {
  const auto language = written_language(text);
  if (!language) return std::nullopt;
  return *language == text_language::chinese ? "zh" : "en";
}

std::string folded(std::string_view text) {
  std::string clean = clean_utf8(text);
  utf8proc_uint8_t* mapped = nullptr;
  auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(clean.data()),
                             static_cast<utf8proc_ssize_t>(clean.size()), &mapped,
                             static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                                            UTF8PROC_CASEFOLD | UTF8PROC_IGNORE));
  if (length < 0) return clean;
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  std::string out;
  bool gap = false;
  walk({reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)},
       [&](utf8proc_int32_t c, std::string_view bytes) {
         if (!is_letter(c) && !is_digit(c) && !is_mark(c)) {
           gap = true;
           return;
         }
         if (gap && !out.empty()) out += ' ';
         gap = false;
         out += bytes;
       });
  return out;
}

std::vector<std::string> units_of(std::string_view folded_text) {
  std::vector<std::string> units;
  bool open = false;
  walk(folded_text, [&](utf8proc_int32_t c, std::string_view bytes) {
    const bool han = is_han(c), word = !han && c != ' ';
    if (han || (word && !open)) units.emplace_back();
    if (han || word) units.back() += bytes;
    open = word;
  });
  return units;
}

bool has_digit(std::string_view word) noexcept {
  return std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> plain_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = without_marks(text.substr(0, end));
    if (!is_blank(line)) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace troupe::stages
