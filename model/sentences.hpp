#pragma once
// Where sentences end, in English and Chinese.

#include <string_view>
#include <vector>

namespace troupe {

/// The sentences of a text, without white space and list marks around them; a line end always ends
/// one. Nothing but white space is lost between them.
std::vector<std::string_view> split_sentences(std::string_view text);

}  // namespace troupe
