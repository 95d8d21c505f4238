// Fuzz target: any bytes as a file of `troupe test`, with what it says about a graph and about a
// run.

#include "dsl/test_file.hpp"
#include "dsl/test_stages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  static const loaded graph = test::load(R"([graph]
name = "g"
start = "a"
output = "reply"
[input]
text = "text"
[stage.a]
use = "echo"
out = { text = "reply" }
)");
  const auto read =
      read_test_file(std::string(reinterpret_cast<const char*>(data), size), "test.toml");
  if (!read.findings.empty()) return 0;
  (void)check_tests(read.tests, *graph.graph);
  const run_outcome outcome{.code = "failed",
                            .text = "any reply",
                            .slots = value(value::table{{"reply", "any reply"}}),
                            .path = {"a", "b", "a"},
                            .events = {"a started", "a finished"}};
  for (const test_case& c : read.tests.cases)
    for (const test_run& r : c.runs) (void)compare(r.expect, outcome);
  return 0;
}
