#pragma once
// Where the stages of a picture stand: in layers, each below all that lead to it (Sugiyama, Tagawa,
// Toda 1981). Ways over several layers pass the ones between as lines of their own.

#include "dsl/draw.hpp"

namespace troupe {

/// A stage, or a line on its way through a layer.
struct layout_item {
  stage_id stage = no_stage;  ///< no_stage: a line
  arc_kind line = arc_kind::way;
  std::size_t layer = 0;
  int width = 1;   ///< columns
  int center = 0;  ///< column
  std::string title;
};

/// A line between two items of neighbouring layers. A loop's leads up.
struct layout_line {
  std::size_t upper = 0, lower = 0;  ///< items
  arc_kind kind = arc_kind::way;
  std::size_t net = 0;  ///< lines of one net are drawn as one
};

struct layout_net {
  std::size_t layer = 0;  ///< of its upper ends
  arc_kind kind = arc_kind::way;
  std::vector<std::size_t> uppers, lowers;  ///< items, each once
};

struct layout {
  std::vector<layout_item> items;
  std::vector<layout_line> lines;
  std::vector<layout_net> nets;
  std::vector<std::vector<std::size_t>> layers;  ///< items from left to right
};

layout lay_out(const graph& g, const std::vector<arc>& arcs);

}  // namespace troupe
