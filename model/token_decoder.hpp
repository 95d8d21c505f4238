#pragma once
// From a vocabulary's entries to the bytes that a text gets of them: the `decoder` of a
// tokenizer.json.

#include "pipeline/result.hpp"

#include <boost/json/fwd.hpp>

#include <functional>
#include <string>
#include <vector>

namespace troupe {

struct token_decoder {
  /// Each changes an entry on its way to bytes.
  std::vector<std::function<void(std::string&)>> steps;
  /// So many of these are left out at the beginning of a whole text.
  std::string stripped;
  std::size_t strip = 0;

  std::string bytes(std::string entry) const {
    for (const auto& step : steps) step(entry);
    return entry;
  }
};

/// `v` may be null: then `bytes` (the model sees bytes) says what entries are. Throws
/// std::exception for what is not supported.
token_decoder read_token_decoder(const boost::json::value& v, bool bytes);

}  // namespace troupe
