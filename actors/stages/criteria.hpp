#pragma once
// What can be measured of a draft without asking a model. Each criterion gives a score in [0, 1]
// and, below 1, the reason in words that a writer can act on.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

struct draft_limits {
  std::int64_t min_words = 1, max_words = 100'000;  ///< a Han character is a word
  std::int64_t min_sections = 1,
               max_sections = 1000;  ///< items of a list, non-empty lines of a text
  std::vector<std::string> banned;
};

struct draft {
  std::string text;
  std::vector<std::string> sections;
  std::string brief;
};

struct verdict {
  double score = 1;
  std::string reason;  ///< empty if there is nothing to complain about
};

struct criterion {
  std::string_view name;
  verdict (*judge)(const draft&, const draft_limits&);
};

/// length, sections, no_duplicates, covers_topic, banned_words.
const std::vector<criterion>& all_criteria();

}  // namespace troupe::stages
