#pragma once
// What kind of fact a question asks for ("how much", "几点"), and which sentences have none of it:
// a small model that may not quote those cannot answer a question for a price with a sentence about
// opening hours. English and Chinese.

#include "model/shared_words.hpp"

#include <string_view>
#include <vector>

namespace troupe {

/// One flag a sentence: whether it cannot be the answer. None is set if the question asks for
/// nothing in particular, or if no sentence has it. Questions for a time, which are often answered
/// without one ("when can I cancel?"), set flags only if a sentence that has a time shares a word
/// with them. `words` are those that `question` and `sentences` share.
std::vector<bool> cannot_answer(std::string_view question,
                                const std::vector<std::string_view>& sentences,
                                const shared_words& words);

}  // namespace troupe
