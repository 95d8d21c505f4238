#pragma once
// Hides listed words in a text that comes in pieces. What comes out does not depend on how the text
// was cut: it is what the whole text at once would give. Held back is only the end of the text from
// where a listed word may still be going on; that is bounded by the longest entry.

#include "actors/stages/word_patterns.hpp"

#include <array>

namespace troupe::stages {

struct found_word {
  std::uint32_t word = 0;          ///< index in `word_patterns::words`
  std::size_t begin = 0, end = 0;  ///< bytes of the text that came in
};

class moderation_filter {
 public:
  /// `mask` stands in the place of every visible character of a word.
  explicit moderation_filter(std::shared_ptr<const word_patterns> words, std::string mask = "*");

  /// Takes the next piece and appends to `out` what is certain by now.
  void push(std::string_view piece, std::string& out);
  /// The text is over: appends the rest.
  void finish(std::string& out);

  /// Words found so far, in the order of their ends.
  const std::vector<found_word>& found() const noexcept { return found_; }
  /// Bytes taken and not given out yet.
  std::size_t held() const noexcept { return waiting_.size(); }

 private:
  struct range {
    std::size_t begin, end;
  };

  void read(std::string_view whole_characters);
  void take(std::int32_t c, std::size_t begin, std::size_t end);
  void take_glyph(const glyph& g, std::size_t begin, std::size_t end);
  void take_gap(gap_kind gap);
  void decide(const text_behind& behind);
  void hide(std::uint32_t word, std::size_t begin, std::size_t end);
  void drop_hopeless(const text_behind& behind);
  void give_out(std::size_t upto, std::string& out);
  void write_masked(std::string_view part, std::string& out) const;

  std::shared_ptr<const word_patterns> words_;
  std::string mask_;
  std::string waiting_;                ///< the text from `given_` on
  std::size_t given_ = 0;              ///< bytes given out
  std::size_t read_ = 0;               ///< bytes read
  std::vector<range> hidden_;          ///< not given out yet; in order, apart from each other
  bool ends_hidden_ = false;           ///< the last visible character given out was masked
  std::vector<written_glyph> glyphs_;  ///< since the longest beginning that is still open
  word_patterns::state state_ = shape_automaton::root;
  gap_kind gap_ = gap_kind::none;
  std::size_t gap_length_ = 0;
  bool after_word_ = false;
  std::vector<found_word> found_;
};

}  // namespace troupe::stages
