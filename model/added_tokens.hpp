#pragma once
// The tokens that a tokenizer.json adds to its model: texts that are looked for before anything
// else is done.

#include "model/tokenizer.hpp"

namespace troupe {

struct added_token {
  std::string text;
  token_id id = 0;
  bool special = false;                 ///< not shown when ids become text
  bool normalized = false;              ///< looked for in normalised text
  bool single_word = false;             ///< not inside of a word
  bool lstrip = false, rstrip = false;  ///< blanks beside it belong to it

  /// Whether it means something to a chat's frame, so that nothing a user says may spell it:
  /// special ones, and what looks like them (DeepSeek's `<｜User｜>` is not marked as special).
  bool is_control() const;
};

/// Thread-safe once it is filled.
class added_tokens {
 public:
  /// `as_written`: how `t` stands in the texts that are searched; not empty.
  void add(const added_token& t, std::string_view as_written);
  bool empty() const noexcept { return tokens_.empty(); }

  struct piece {
    std::string_view text;
    token_id id = -1;  ///< -1: a text without tokens
  };
  /// Cuts at the leftmost token, the longest of those that begin there, again and again. No piece
  /// is empty.
  std::vector<piece> split(std::string_view text, control_tokens controls) const;

 private:
  struct node {
    std::vector<std::pair<char, std::uint32_t>> next;
    std::int32_t token = -1;
  };
  std::pair<std::int32_t, std::size_t> longest(std::string_view text, std::size_t from,
                                               control_tokens controls) const;

  std::vector<added_token> tokens_;
  std::vector<node> nodes_ = std::vector<node>(1);
  std::vector<bool> first_ = std::vector<bool>(256);  ///< bytes that a token begins with
};

}  // namespace troupe
