#pragma once
// From a model's bytes to text that may be shown: whole UTF-8 characters only, and nothing of a
// stop string, however the tokens cut them.

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class text_stream {
 public:
  /// Empty stop strings are ignored.
  explicit text_stream(std::vector<std::string> stop);

  /// Takes the next bytes and returns what is certain now. Bytes that can be no UTF-8 become
  /// U+FFFD. After a stop string was found, nothing more is returned.
  std::string push(std::string_view bytes);

  /// What was held back, when no more bytes come.
  std::string finish();

  bool stopped() const noexcept { return stopped_; }

 private:
  std::string take_valid(bool last);
  std::string release(std::string text, bool last);

  std::vector<std::string> stop_;
  std::string bytes_;  ///< an unfinished character
  std::string held_;   ///< text that may be the beginning of a stop string
  bool stopped_ = false;
};

}  // namespace troupe
