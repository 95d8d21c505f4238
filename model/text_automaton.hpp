#pragma once
// A deterministic automaton that reads a text's UTF-8 bytes and knows at each whether the text can
// still become one of those that a pattern stands for.

#include "model/text_pattern.hpp"

#include <array>
#include <optional>

namespace troupe {

class text_automaton {
 public:
  using state = std::uint16_t;
  static constexpr state dead = 0xFFFF;  ///< nothing that follows can help

  /// Texts of `pattern` that have from `least` to `most` characters. An error if it would be too
  /// large.
  static result<text_automaton> compile(const text_pattern& pattern, std::int64_t least,
                                        std::optional<std::int64_t> most);

  state start() const noexcept { return start_; }  ///< `dead`: there is no such text
  state next(state s, unsigned char byte) const { return states_[s].next[byte]; }
  /// The state after all bytes of `text`.
  state after(state s, std::string_view text) const {
    for (const char c : text)
      if (s != dead) s = next(s, static_cast<unsigned char>(c));
    return s;
  }
  bool accepts(state s) const { return states_[s].to_end == 0; }
  /// The fewest bytes that lead from `s` to a whole text.
  std::string shortest(state s) const;

 private:
  struct one_state {
    std::array<state, 256> next{};
    std::int64_t to_end = -1;  ///< bytes of the shortest way to a whole text
  };
  void measure();
  void trim();

  std::vector<one_state> states_;
  state start_ = dead;
};

}  // namespace troupe
