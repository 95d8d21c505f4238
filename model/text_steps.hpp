#pragma once
// What a tokenizer.json does to a text before its model sees it: normalisers change it, then
// pre-tokenizers cut it into the pieces that the model merges within.

#include "pipeline/result.hpp"

#include <boost/json/fwd.hpp>

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Changes a text; thread-safe.
using text_step = std::function<void(std::string&)>;

/// The steps of `normalizer` of a tokenizer.json. Throws std::exception for what is not supported.
std::vector<text_step> read_normaliser(const boost::json::value& v);

/// A text in pieces, some of which may be texts of its own.
struct text_pieces {
  std::vector<std::string_view> list;
  std::deque<std::string> owned;
  bool at_start = true;  ///< the first piece is the beginning of everything
};
using piece_step = std::function<void(text_pieces&)>;

struct pre_tokeniser {
  std::vector<piece_step> steps;
  bool bytes = false;  ///< the model sees bytes, in GPT-2's alphabet, not characters
};
/// The same for `pre_tokenizer`, which may be null.
pre_tokeniser read_pre_tokeniser(const boost::json::value& v);

/// A pattern or literal text of a tokenizer.json: {"Regex": ...} or {"String": ...}.
class split_pattern;
split_pattern read_pattern(const boost::json::value& v);

/// "`name` is not supported", as an exception.
[[noreturn]] void refuse_tokenizer_part(const std::string& what);

}  // namespace troupe
