#pragma once
// Small stage types for tests of the graph language; nothing here is ever run.

#include "dsl/load.hpp"

namespace troupe::test {

/// echo, classify, ask, grade, recall, split, note, count, put, speak and guard.
const registry& test_stages();

inline loaded load(std::string text) {
  return load_graph_text(std::move(text), "test.toml", test_stages());
}

/// The [graph] and [input] of most tests: starts at `a`, gives back `reply`.
inline std::string with_head(std::string_view stages) {
  return "[graph]\nname = \"t\"\nstart = \"a\"\noutput = \"reply\"\n[input]\ntext = \"text\"\n" +
         std::string(stages);
}

}  // namespace troupe::test
