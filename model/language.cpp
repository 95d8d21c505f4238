#include "model/language.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <string>

namespace troupe {

namespace {

using code_point = utf8proc_int32_t;

/// Calls `each(code point, bytes)` for every character; -1 is a byte that is none.
template <class F>
void walk(std::string_view text, F&& each) {
  while (!text.empty()) {
    code_point c = -1;
    auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &c);
    if (length <= 0) {
      c = -1;
      length = 1;
    }
    each(c, text.substr(0, static_cast<std::size_t>(length)));
    text.remove_prefix(static_cast<std::size_t>(length));
  }
}

bool is_han(code_point c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF);
}

bool is_letter(code_point c) {
  const auto category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_mark(code_point c) {
  const auto category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

bool is_latin(code_point c) {
  return (c < 0x80 && is_letter(c)) || (c >= 0xC0 && c <= 0x24F) || (c >= 0x1E00 && c <= 0x1EFF);
}

/// The first character of what is East Asian: radicals, punctuation, kana and whatever follows.
constexpr code_point first_east_asian = 0x2E80;
constexpr code_point first_hangul = 0x1100, last_hangul = 0x11FF;

constexpr std::string_view english_grammar =
    " a an and are at by can could do does for from has have how i in is it me my of on or our "
    "should "
    "that the their this to was we were what when where which who why will with would you your ";

constexpr std::array<std::string_view, 24> chinese_grammar = {
    "的", "了", "吗", "呢", "吧", "是", "我", "你", "您", "在", "和", "与",
    "把", "被", "怎", "什", "么", "如", "何", "哪", "这", "为", "请", "谁"};

bool is_grammar(std::string_view word) {
  std::string padded = " ";
  for (char c : word) padded += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  padded += ' ';
  return english_grammar.find(padded) != english_grammar.npos;
}

/// A name, a brand, an abbreviation: belongs to no language.
bool is_name(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         !is_grammar(word);
}

struct counts {
  std::size_t han = 0, words = 0;
  bool chinese_grammar = false, english_grammar = false;
  bool begins_in_han = false, ends_in_han = false, ends_in_name = false;
};

counts count(std::string_view text) {
  counts n;
  std::string word;
  auto close = [&] {
    if (word.empty()) return;
    ++n.words;
    n.english_grammar = n.english_grammar || is_grammar(word);
    n.ends_in_han = false;
    n.ends_in_name = is_name(word);
    word.clear();
  };
  walk(text, [&](code_point c, std::string_view bytes) {
    if (is_han(c)) {
      close();
      n.begins_in_han = n.begins_in_han || (n.words == 0 && n.han == 0);
      ++n.han;
      n.ends_in_han = true;
      n.chinese_grammar =
          n.chinese_grammar || std::ranges::find(chinese_grammar, bytes) != chinese_grammar.end();
    } else if (is_letter(c) || (!word.empty() && (is_mark(c) || c == '\''))) {
      word += bytes;
    } else {
      close();
    }
  });
  close();
  return n;
}

}  // namespace

std::optional<text_language> written_language(std::string_view text) noexcept {
  const counts n = count(text);
  if (n.han == 0 && n.words == 0) return std::nullopt;
  if (n.han >= 2 * n.words) return text_language::chinese;
  if (n.words >= 2 * n.han) {
    // "iPhone 16 Pro Max 评测" has more words than characters, and none of them English.
    const bool named = n.han > 0 && n.ends_in_han && !n.english_grammar;
    if (!named || n.words > 3 * n.han) return text_language::english;
  }
  if (n.chinese_grammar != n.english_grammar)
    return n.chinese_grammar ? text_language::chinese : text_language::english;
  const bool chinese = n.ends_in_han || (n.begins_in_han && n.ends_in_name);
  return chinese ? text_language::chinese : text_language::english;
}

bool may_spell(text_language language, std::string_view bytes) noexcept {
  bool may = true;
  walk(bytes, [&](code_point c, std::string_view) {
    const bool east_asian = c >= first_east_asian || (c >= first_hangul && c <= last_hangul);
    may = may && (language == text_language::english ? c >= 0 && !east_asian : !is_latin(c));
  });
  return may;
}

}  // namespace troupe
