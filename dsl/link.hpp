#pragma once
// A graph as it was written becomes a graph that can run: every name is resolved, every parameter
// checked, every condition typed and bound.

#include "pipeline/graph.hpp"

namespace troupe {

struct link_result {
  std::shared_ptr<const graph> graph;  ///< null if there is an error among the findings
  std::vector<diagnostic> findings;
};

/// `types` must outlive the graph. Kinds: `unknown-stage-type`, `unknown-target`, `unknown-slot`,
/// `unknown-model`, `unknown-parameter`, `missing-parameter`, `bad-parameter`, `unknown-port`,
/// `type-mismatch`, `duplicate-name`, `condition-syntax`, `condition-type`, `unreachable-edge`,
/// `unreachable-stage`, `unbounded-cycle`, `model-cycle`, `missing-file`, `secret-in-file`,
/// `slot-not-written`; as warnings `unused-model`, `unused-slot`.
/// What is missing in the spec is passed over in silence: the reader has reported it.
link_result link_graph(const graph_spec& spec, const registry& types);

/// The name of a graph's content in journals: 16 hexadecimal digits, FNV-1a 128 of the text.
std::string content_hash(std::string_view text);

}  // namespace troupe
