#pragma once
// A graph as it was written becomes a graph that can run: every name is resolved, every parameter
// checked, every condition typed and bound.

#include "pipeline/graph.hpp"

namespace troupe {

struct link_result {
  /// Null if there is an error among the findings, or a gap in the spec.
  std::shared_ptr<const troupe::graph> graph;
  std::vector<diagnostic> findings;
};

/// Whether the reader had something to say about a spec.
enum class spec_state : std::uint8_t {
  whole,
  has_gaps,  ///< values are missing, so findings that could come from that are left out
};

/// `types` must outlive the graph. Kinds: `unknown-stage-type`, `unknown-target`, `unknown-slot`,
/// `unknown-model`, `unknown-parameter`, `missing-parameter`, `bad-parameter`, `unknown-port`,
/// `type-mismatch`, `duplicate-name`, `condition-syntax`, `condition-type`, `unreachable-edge`,
/// `unreachable-stage`, `unbounded-cycle`, `model-cycle`, `missing-file`, `secret-in-file`,
/// `slot-not-written`, `unbounded`; as warnings `unused-model`, `unused-slot`.
/// What is missing in the spec is passed over in silence: the reader has reported it.
link_result link_graph(const graph_spec& spec, const registry& types,
                       spec_state state = spec_state::whole);

/// The name of a graph's content in journals: 16 hexadecimal digits, FNV-1a 128 of the text.
std::string content_hash(std::string_view text);
/// Of a graph of several files.
std::string content_hash(const std::vector<graph_source>& files);

}  // namespace troupe
