#pragma once
// What changes from one graph to another: stages, models, inputs, persistent slots and limits, as
// people who edit graphs think of them. Only what the graphs say is compared, not the files that
// they name.

#include "pipeline/graph.hpp"

#include <boost/json/fwd.hpp>

namespace troupe {

struct graph_change {
  enum class subject : std::uint8_t { graph, input, persist, model, stage };
  enum class kind : std::uint8_t { added, removed, changed };
  subject about = subject::graph;
  kind what = kind::changed;
  std::string name;           ///< of the input, slot, model or stage; empty: of the graph itself
  std::string key;            ///< changed: `replicas`, `with.temperature`, `next`, `type` …
  std::string before, after;  ///< as they would be written; empty: not given
};

/// Both were linked without errors. In the order of the subjects above, then of the graphs.
std::vector<graph_change> differences(const graph& before, const graph& after);

/// For people: a line for each change, under a heading for each subject; empty if nothing changes.
std::string render(const std::vector<graph_change>& changes);

/// A list of {about, change: added | removed | changed, name?, key?, before?, after?}.
boost::json::value to_json(const std::vector<graph_change>& changes);

}  // namespace troupe
