#pragma once
// TOML text to `graph_spec`: all of the language's tables and keys, every value with its place.
// Nothing is resolved here; linking does that (link.hpp).

#include "pipeline/graph_spec.hpp"

namespace troupe {

/// Larger files are refused.
inline constexpr std::size_t largest_graph_file = 1 << 20;

struct read_result {
  graph_spec spec;  ///< what could be read, also when there are findings
  std::vector<diagnostic> findings;
  bool is_toml = false;  ///< false: not even the syntax could be read, `spec` holds only the text
};

/// Needs no stage types, so that plugins named by the graph can be loaded after it. All findings
/// at once, except that a syntax error is the only one. Kinds: `syntax`, `too-large`, `too-deep`,
/// `unknown-key`, `missing-key`, `wrong-type`, `bad-name`, `bad-value`, `bad-duration`,
/// `bad-range`, `duplicate-name`.
/// `number` of the file goes into all places.
read_result read_graph_spec(std::string text, std::filesystem::path file, std::uint32_t number = 0);

}  // namespace troupe
