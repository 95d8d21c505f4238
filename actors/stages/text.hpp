#pragma once
// What a stage asks of a person's text before it works on it: is it sound, does it say anything,
// which language is it in. Pure functions; none of them fails.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

/// `text` with every invalid UTF-8 sequence replaced by U+FFFD.
std::string clean_utf8(std::string_view text);

/// True if there is no character in it but white space and control characters.
bool is_blank(std::string_view text) noexcept;

/// Number of characters (code points); invalid bytes count as one each.
std::size_t count_characters(std::string_view text) noexcept;

/// A rough length that is fair to both languages: a run of letters or digits is one word, and so is
/// every Han character.
std::size_t count_words(std::string_view text) noexcept;

/// "zh" or "en", as `written_language` (model/language.hpp) finds it. Nothing if there is no word in
/// `text` (numbers, emoji, punctuation).
std::optional<std::string_view> language_of(std::string_view text) noexcept;

/// Case folded, compatibility forms (full-width letters and digits) unified, white space collapsed,
/// punctuation dropped: equal for texts that say the same words.
std::string folded(std::string_view text);

/// The words of a `folded` text, each Han character one of its own.
std::vector<std::string> units_of(std::string_view folded_text);

/// Whether a word has one of the digits 0 to 9 in it.
bool has_digit(std::string_view word) noexcept;

/// Whether a list of words has this one.
template <class List>
bool is_one_of(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != std::end(list);
}

/// The lines of a text that say something, without what numbers or marks them (`1.`, `(2)`, `一、`,
/// `-`, `##`) and without white space and `**` around them.
std::vector<std::string> plain_lines(std::string_view text);

}  // namespace troupe::stages
