#pragma once
// The words that a question and the sentences below it have in common, whatever their ending.
// English words are compared by their stems; Chinese text, which has no spaces, by its common runs
// of two characters and more. Words that every question has (`what`, `多少`) do not count.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct word_span {
  std::size_t begin = 0, end = 0;  ///< bytes of the text
  std::size_t word = 0;            ///< equal for what counts as the same word
};

class shared_words {
 public:
  /// At most `limit` different words, in order of the question.
  shared_words(std::string_view question, const std::vector<std::string_view>& sentences,
               std::size_t limit);
  /// Where they stand in a text, in order, not overlapping.
  std::vector<word_span> find(std::string_view text) const;

 private:
  std::vector<std::string> stems_, runs_;  ///< of English words and of Chinese ones
  std::vector<std::size_t> stem_ids_, run_ids_;
};

}  // namespace troupe
