#pragma once
// What can be measured of a draft without asking a model. Each criterion gives a score in [0, 1]
// and, below 1, the reason in words that a writer can act on, in the draft's language.

#include "actors/stages/word_patterns.hpp"
#include "pipeline/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

enum class draft_format : std::uint8_t { any, list, prose, json };

struct draft_limits {
  std::int64_t min_words = 1, max_words = 100'000;  ///< a Han character is a word
  std::int64_t min_sections = 1, max_sections = 1000;
  double max_overlap = 0.8;  ///< of two sections that are not duplicates; see overlap.hpp
  draft_format format = draft_format::any;
  std::shared_ptr<const word_patterns> banned;  ///< null: none
};

struct draft {
  std::string text;
  std::vector<std::string> sections;  ///< items of a list, non-empty lines of a text
  std::string topic;                  ///< what it should be about
  std::vector<std::string> facts;     ///< what it should say
  std::string_view language = "en";   ///< en or zh: of the draft itself, or else of what is wanted
};

struct judgement {
  double score = 1;
  std::string reason;  ///< empty if there is nothing to complain about
};

struct criterion {
  std::string_view name;
  bool needs_brief = false;
  judgement (*judge)(const draft&, const draft_limits&);
};

/// length, sections, no_duplicates, covers_topic, covers_brief, language, format, banned_words.
const std::vector<criterion>& all_criteria();
/// nullptr if there is none of that name.
const criterion* find_criterion(std::string_view name);

/// A draft from a slot: a list is its sections, a text is taken line by line. `brief` is a text or
/// a list of facts; without a `topic` all of it is the topic too.
draft read_draft(const value& written, std::string topic, const value& brief);

}  // namespace troupe::stages
