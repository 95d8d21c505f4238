#pragma once
// Regular expressions as JSON Schema writes them (ECMA-262), read into a tree.

#include "pipeline/result.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A part of a pattern: which texts it stands for.
struct text_pattern {
  enum class kind : std::uint8_t {
    characters,  ///< one character of `ranges`
    sequence,    ///< its parts one after another; without parts: the empty text
    choice,      ///< one of its parts; without parts: no text at all
    repeat       ///< its only part, from `least` to `most` times
  };
  /// First and last code point; sorted, apart from each other, without surrogates.
  using range_list = std::vector<std::pair<char32_t, char32_t>>;

  kind what = kind::sequence;
  range_list ranges;
  std::vector<text_pattern> parts;
  std::int64_t least = 0;
  std::int64_t most = -1;  ///< -1: any number

  static text_pattern any_text();  ///< every text there is
};

/// The texts that `pattern` is found in: what it does not anchor with ^ and $ may stand anywhere.
/// Anchors are known at the two ends of an alternative; look-around, back references, \b and
/// Unicode properties are refused by name. Lazy quantifiers mean the same as others here.
result<text_pattern> parse_text_pattern(std::string_view pattern);

}  // namespace troupe
