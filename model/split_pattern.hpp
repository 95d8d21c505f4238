#pragma once
// A regular expression that cuts text into the pieces a BPE tokenizer merges within.

#include "pipeline/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What becomes of a match and of what lies between two.
enum class split_behaviour : std::uint8_t {
  isolated,              ///< each is a piece
  removed,               ///< matches are left out
  merged_with_previous,  ///< a match is the end of what is before it
  merged_with_next,      ///< and here the beginning of what follows
  contiguous             ///< matches that touch are one piece
};

/// Thread-safe.
class split_pattern {
 public:
  /// A PCRE2 pattern over UTF-8 with Unicode classes.
  static result<split_pattern> compile(const std::string& pattern);
  /// A text that stands for itself.
  static result<split_pattern> literal(std::string_view text);

  /// Matches and what lies between them, in order; nothing is lost. `text` is valid UTF-8.
  std::vector<std::string_view> split(std::string_view text) const;
  /// `inverted`: what lies between is taken for the matches, and the other way round. No piece is
  /// empty.
  std::vector<std::string_view> split(std::string_view text, split_behaviour behaviour,
                                      bool inverted) const;
  /// With `by` in place of each match.
  std::string replace(std::string_view text, std::string_view by) const;

 private:
  /// Calls `give(piece, is_match)` for all of `text`.
  template <class Give>
  void each(std::string_view text, Give give) const;

  std::shared_ptr<const void> code_;
};

}  // namespace troupe
