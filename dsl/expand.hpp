#pragma once
// Sub-graphs are put in the place of the stages that name them, so that everything behind the
// reader (the linker, the checks, the bill, pictures, the executor) sees one graph.
//
// A stage `polish` with `use = "graph"` becomes:
//   polish          its entry: hands slots of the outer graph to the inner graph's inputs
//   polish.rewrite  the stages of the inner graph; its slots are named alike: `polish.draft`
//   polish:end      its exit: hands slots of the inner graph out, and goes on as `polish` would
// All ends of the inner graph lead to the exit; a stage in it that has no `on_error` has that of
// `polish`. A deadline or budget for the whole becomes a region.

#include "dsl/graph_files.hpp"
#include "pipeline/registry.hpp"

namespace troupe {

struct expanded_graph {
  graph_spec spec;
  /// Of all files: what the readers found, what is wrong with a sub-graph by itself, and at the
  /// stages that name one. Kinds: those of link.hpp, `sub-graph`.
  std::vector<diagnostic> findings;
  bool is_toml = false;
  bool has_gaps = false;  ///< in the graph's own file, or where a sub-graph would be
};

/// `types` must outlive what is made of the answer.
/// `scripted` are models that somebody answers for: their folders need not be there.
expanded_graph expand(const graph_files& files, const registry& types,
                      const std::vector<std::string>& scripted = {});

}  // namespace troupe
