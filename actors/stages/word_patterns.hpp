#pragma once
// Word lists compiled for matching, and the rules of what counts as a written form of an entry.
//
// A word counts however its letters are written (glyphs.hpp), and also
//   * with a letter drawn out to three or more: `baaad`;
//   * with signs between its letters: `b.a-d`; with spaces if they are between all of them: `b a
//   d`.
//     Between ideographs both may stand anywhere: `坏 蛋`. At most three characters a gap, and no
//     comma, full-width stop or line end;
//   * words of letters and digits only as whole words: `class` has no `ass` in it. A `*` at an end
//     of the entry lifts that;
//   * with digits in the place of letters if there are not more of them than letters: `b00b` is
//     a word, `A55` is a telephone.

#include "actors/stages/glyphs.hpp"
#include "actors/stages/shape_automaton.hpp"
#include "actors/stages/word_list.hpp"

#include <memory>
#include <optional>

namespace troupe::stages {

/// A glyph of a text, and where it is written there.
struct written_glyph {
  glyph seen;
  std::size_t begin = 0, end = 0;  ///< bytes of its character in the whole text
  gap_kind before = gap_kind::none;
  bool after_word = false;  ///< the glyph before it is a letter or digit
};

/// What is known of the text behind a possible match.
struct text_behind {
  gap_kind gap = gap_kind::none;
  enum class following { unknown, word, other, end } glyph = following::unknown;
};

enum class match_state : std::uint8_t { no, open, yes };

struct word_match {
  match_state state = match_state::no;
  std::size_t begin = 0, end = 0;  ///< bytes, when `yes`
};

struct word_pattern {
  std::vector<glyph> letters;
  std::vector<bool> spaced;         ///< white space stands before the letter in the entry
  std::vector<std::uint32_t> runs;  ///< lengths of the runs of one shape
  bool open_left = false, open_right = false;  ///< may have letters beside it
  bool phrase = false;                         ///< any of `spaced`

  /// Nothing if there is nothing to look for in the text.
  static std::optional<word_pattern> compile(std::string_view text);
  /// The shapes of its runs.
  std::u32string shapes() const;
  /// Whether `text`, whose last runs have its shapes, ends with it.
  word_match match(std::span<const written_glyph> text, const text_behind& behind) const;
};

/// No more equal shapes in a row than this are one drawn-out letter.
inline constexpr std::size_t longest_run = 32;
/// No more characters between two glyphs than this are a gap within a word.
inline constexpr std::size_t longest_gap = 3;

/// Immutable, shared by all filters of the same lists.
class word_patterns {
 public:
  using state = shape_automaton::state;

  explicit word_patterns(std::vector<listed_word> words);
  static result<std::shared_ptr<const word_patterns>> load(
      std::span<const std::filesystem::path> files);

  const std::vector<listed_word>& words() const noexcept { return words_; }
  const word_pattern& pattern(std::uint32_t word) const noexcept { return patterns_[word]; }
  const shape_automaton& automaton() const noexcept { return automaton_; }

  /// True if words go on from `s` that may begin in the middle of one.
  bool open_below(state s) const noexcept { return beginnings_[s].open_left > 0; }
  /// Where in `text`, which ends with the runs of `s`, the longest beginning of a word starts that
  /// can still become one; nothing if none can.
  std::optional<std::size_t> beginning(state s, std::span<const written_glyph> text,
                                       const text_behind& behind) const;

 private:
  /// What the words that begin with a state's runs have in common.
  struct common {
    std::uint32_t open_left = 0;  ///< longest first run of those that are; 0: none is
    bool closed_left = false, phrase = false;
  };
  /// Whether what ends `text` at a node without children may still become a word, or a longer one.
  bool may_grow(const shape_automaton::node& leaf, std::span<const written_glyph> text,
                std::size_t first, const text_behind& behind, bool gapped) const;

  std::vector<listed_word> words_;
  std::vector<word_pattern> patterns_;
  shape_automaton automaton_;
  std::vector<common> beginnings_;
};

}  // namespace troupe::stages
