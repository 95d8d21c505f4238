#pragma once
// A regular expression that cuts text into the pieces a BPE tokenizer merges within.

#include "pipeline/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Thread-safe.
class split_pattern {
 public:
  /// A PCRE2 pattern over UTF-8 with Unicode classes.
  static result<split_pattern> compile(const std::string& pattern);

  /// Matches and what lies between them, in order; nothing is lost. `text` is valid UTF-8.
  std::vector<std::string_view> split(std::string_view text) const;

 private:
  std::shared_ptr<const void> code_;
};

}  // namespace troupe
