#pragma once
// One sub-graph put in the place of one stage; see expand.hpp for what becomes of it.

#include "pipeline/graph.hpp"

namespace troupe {

/// A sub-graph that is right by itself.
struct inner_graph {
  graph_spec spec;                    ///< its own sub-graphs are in it already
  std::shared_ptr<const graph> plan;  ///< linked; its stages stand in the order of the spec's
};

/// Appends to `outer` what `stage` becomes. What does not fit at the border is a finding:
/// `sub-graph`, `unknown-port`.
void splice(graph_spec& outer, stage_spec stage, const inner_graph& inner,
            std::vector<diagnostic>& findings);

}  // namespace troupe
