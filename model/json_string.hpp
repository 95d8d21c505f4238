#pragma once
// Inside of a JSON string: which byte may come next.

#include "model/text_automaton.hpp"

#include <memory>

namespace troupe {

/// What a string must be. With an automaton, or if it is the name of a member, characters have only
/// one spelling (`json_spelling`); otherwise every escape of JSON is allowed.
struct string_limits {
  std::size_t least = 0, most = static_cast<std::size_t>(-1);  ///< characters; without an automaton
  const text_automaton* automaton = nullptr;
  bool one_spelling = false;
};

/// A place in a string, behind its first quote. Copied often, so it is small.
struct string_place {
  std::array<char, 6> escape{};  ///< what was read of an escape
  std::uint8_t escape_length = 0;
  bool after_high = false;     ///< the second half of a surrogate pair has to follow
  std::uint8_t utf8_left = 0;  ///< bytes of a character that are to come
  std::uint8_t utf8_from = 0x80, utf8_to = 0xBF;  ///< what the next of them may be
  text_automaton::state state = 0;
  std::size_t count = 0;  ///< characters begun
  bool operator==(const string_place&) const = default;

  enum class outcome : std::uint8_t { refused, inside, closed };
  /// Reads a byte. After `refused` nothing has changed.
  outcome step(const string_limits& limits, unsigned char byte);
  /// Between two characters.
  bool at_border() const noexcept { return escape_length == 0 && utf8_left == 0 && !after_high; }
  /// Few bytes that lead to the end, with the closing quote.
  std::string shortest(const string_limits& limits) const;

 private:
  outcome step_escape(const string_limits& limits, unsigned char byte);
  outcome step_free_escape(unsigned char byte);
  bool begin(unsigned char lead);
};

/// A string's characters as JSON spells them here, without quotes.
std::string json_spelling(std::string_view text);

}  // namespace troupe
