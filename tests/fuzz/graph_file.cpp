// Fuzz target: any bytes as a graph file, through reader, linker, all checks and the rendering of
// what they say.

#include "dsl/diagnostics.hpp"
#include "dsl/test_stages.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const troupe::loaded l =
      troupe::test::load(std::string(reinterpret_cast<const char*>(data), size));
  const bool consistent = (l.graph == nullptr) == troupe::has_errors(l.diagnostics) &&
                          troupe::render(l).empty() == l.diagnostics.empty();
  if (!consistent) std::abort();
  return 0;
}
