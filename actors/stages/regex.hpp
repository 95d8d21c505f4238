#pragma once
// Regular expressions over UTF-8 (PCRE2). `\w`, `\d` and `\b` are ASCII's, so that a word boundary
// stands between a Chinese character and a digit; `\p{Han}`, `\p{L}` and the like are Unicode's.

#include "pipeline/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

class regex {
 public:
  /// Bytes [begin, end) of the text; both npos for a group that took no part.
  struct span {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
  };

  /// Errors (`invalid_request`) quote the pattern and say where it is wrong.
  static result<regex> compile(std::string_view pattern);

  /// The first match at or after byte `from`: the whole of it, then its groups. Nothing if there is
  /// none, if `text` is no valid UTF-8, or if the search was given up because it takes too long.
  std::optional<std::vector<span>> search(std::string_view text, std::size_t from = 0) const;

  /// Number of its capture groups.
  std::size_t groups() const noexcept { return groups_; }

 private:
  struct compiled;
  std::shared_ptr<const compiled> code_;
  std::size_t groups_ = 0;
};

}  // namespace troupe::stages
