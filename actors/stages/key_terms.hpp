#pragma once
// Whether a text speaks of something: by the words that matter of it. English words count in any of
// their usual forms; Chinese is compared in pairs of characters.

#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

/// A text, prepared to be asked many times.
class mentions {
 public:
  explicit mentions(std::string_view text);

  struct share {
    double found = 1;                  ///< of the words that matter, in [0, 1]; 1 if there are none
    std::vector<std::string> missing;  ///< the others, as words
    bool numbers = true;               ///< every number is there
  };
  /// How much of `what` the text speaks of.
  share of(std::string_view what) const;

 private:
  bool has_word(const std::string& word) const;
  bool has_number(const std::string& number) const;

  std::string text_;  ///< folded, a space at either end
};

}  // namespace troupe::stages
