#pragma once
// From a file to a graph that can run, in one call.

#include "dsl/graph_files.hpp"
#include "pipeline/graph.hpp"

namespace troupe {

struct loaded {
  std::shared_ptr<const troupe::graph> graph;  ///< null if there is an error among the diagnostics
  graph_spec spec;                             ///< sub-graphs are in it
  std::vector<diagnostic> diagnostics;         ///< in order of file and place
  std::vector<graph_source> files;             ///< the graph's own, then those of sub-graphs
};

struct load_options {
  /// Models that somebody answers for: their folders need not be there.
  std::vector<std::string> scripted_models;
  /// Files of sub-graphs as they were at another time, by their absolute path.
  std::vector<graph_source> kept;
};

/// A file that cannot be read is a finding of kind `unreadable`. `types` must outlive the graph.
/// Plugins that the graph names are not loaded here: read the spec first (`read_graph_spec`), load
/// them, then call this.
loaded load_graph(const std::filesystem::path& file, const registry& types);

/// The same for a text in memory; relative paths in it start at the folder of `file`.
loaded load_graph_text(std::string text, std::filesystem::path file, const registry& types,
                       const load_options& options = {});

/// The content of a graph file, if it is no larger than one may be. Errors: not_found.
result<std::string> read_graph_file(const std::filesystem::path& file);

/// All diagnostics as people read them.
std::string render(const loaded& l);

}  // namespace troupe
