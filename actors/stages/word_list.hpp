#pragma once
// The lists of words that `moderate` hides, read from text files:
//
//   # a comment
//   idiot                    one entry a line; white space around it does not count
//   free money               an entry may have several words
//   scam*                    any ending: scams, scammer
//   [violence]               the category of the entries that follow
//   杀人

#include "pipeline/result.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace troupe::stages {

struct listed_word {
  std::string text;
  std::string category;  ///< may be empty
};

/// Errors: `not_found`, or `invalid_request` with file and line.
result<std::vector<listed_word>> read_word_lists(std::span<const std::filesystem::path> files);
result<std::vector<listed_word>> parse_word_list(std::string_view text, std::string_view file);

}  // namespace troupe::stages
