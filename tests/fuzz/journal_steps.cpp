// Fuzz target: any bytes as the steps of a run, each behind its length, replayed as they are when a
// process takes a run up; then the run goes on and is told as a story.

#include "dsl/test_stages.hpp"
#include "pipeline/codec.hpp"
#include "pipeline/story.hpp"

namespace {

constexpr const char* text_of_graph = R"([graph]
name = "g"
start = "a"
output = "reply"
deadline = "60s"
budget = { tokens = 1000 }
[input]
text = "text"
[stage.a]
use = "classify"
with = { rules = "/dev/null" }
in = { text = "text" }
retry = { attempts = 2, backoff = "10ms..20ms" }
timeout = "5s"
on_error = "e"
[[stage.a.next]]
to = "a"
when = "confidence < 0.5"
max = 2
best_by = "confidence"
exhausted = "b"
[[stage.a.next]]
to = "b"
[stage.b]
use = "echo"
out = { text = "said" }
next = { all = ["c", "d"], join = "e" }
[stage.c]
use = "echo"
out = { text = "left" }
[stage.d]
use = "echo"
out = { text = "right" }
[stage.e]
use = "echo"
out = { text = "reply" }
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  static const loaded graph = test::load(text_of_graph);
  if (!graph.graph) std::abort();
  byte_reader records({reinterpret_cast<const char*>(data), size});
  executor run(graph.graph, 1);
  outbox out;
  out.traced = true;
  std::vector<step> steps;
  time_point last;
  while (records.ok() && !records.at_end() && steps.size() < 100) {
    auto s = decode_step(records.text());
    if (!s) continue;
    out.clear();
    last = std::max(last, s->at);
    run.apply(*s, out);
    (void)run.next_wakeup();
    steps.push_back(std::move(*s));
  }
  out.clear();
  run.apply({.what = step::kind::resumed, .at = last}, out);
  return 0;
}
