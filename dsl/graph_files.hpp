#pragma once
// A graph's file and those of its sub-graphs, read one by one. Nothing is linked here, and no stage
// types are needed, so that the plugins of all of them can be loaded first.

#include "dsl/reader.hpp"

#include <map>

namespace troupe {

struct graph_files {
  std::vector<read_result> files;  ///< [0] is the graph's own; each is there once
  /// By file and stage: the file that a sub-graph stage names. One whose file is not there or not
  /// named has none.
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> inner;
  std::vector<diagnostic> findings;  ///< sub-graphs that go round: `sub-graph`

  std::vector<graph_source> sources() const;
};

/// The stage type that stands for a sub-graph.
inline constexpr std::string_view sub_graph_type = "graph";

/// `kept` are files as they were at another time, by their absolute path: they are not read again.
graph_files read_graph_files(std::string text, std::filesystem::path file,
                             const std::vector<graph_source>& kept = {});

}  // namespace troupe
