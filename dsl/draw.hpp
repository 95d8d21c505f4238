#pragma once
// Pictures of a graph: for a terminal, for Mermaid, for Graphviz.

#include "pipeline/graph.hpp"

namespace troupe {

enum class arc_kind : std::uint8_t {
  way,     ///< an edge, with or without a condition
  branch,  ///< into a branch of a fan-out, or from its end to the join
  loop,    ///< a bounded edge that leads back
  error,   ///< on_error
};

struct arc {
  stage_id from = no_stage, to = no_stage;
  arc_kind kind = arc_kind::way;
  std::string label;  ///< when it is taken, as far as that is not always; one line
};

/// All arcs of a graph, in order of stages and of their ways, each pair of stages and kind once.
/// What `exhausted` leads to is a way.
std::vector<arc> arcs_of(const graph& g);

/// A flowchart: https://mermaid.js.org
std::string draw_mermaid(const graph& g);
/// A digraph for Graphviz.
std::string draw_dot(const graph& g);
/// Boxes and lines, and below them the conditions of the ways. Lines without an end of line at
/// their end; no colours.
std::string draw_terminal(const graph& g);

}  // namespace troupe
