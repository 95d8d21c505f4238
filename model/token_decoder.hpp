#pragma once
// From a vocabulary's entries to the bytes that a text gets of them: the `decoder` of a
// tokenizer.json.

#include "pipeline/result.hpp"

#include <boost/json/fwd.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct token_decoder {
  /// Each changes an entry on its way to bytes.
  std::vector<std::function<void(std::string&)>> steps;
  /// Left out of the first entry of a whole text: all of these marks, ...
  std::string first_mark;
  /// ... and of its bytes so many of these at the beginning.
  std::string stripped;
  std::size_t strip = 0;

  std::string bytes(std::string entry) const;
  std::string first_bytes(std::string entry) const;
};

/// `v` may be null: then `bytes` (the model sees bytes) says what entries are. Throws
/// std::exception for what is not supported.
token_decoder read_token_decoder(const boost::json::value& v, bool bytes);

}  // namespace troupe
