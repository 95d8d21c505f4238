#pragma once
// How findings about a graph file are told: to people, and as JSON to editors.
//
//   pipeline.toml:12:1: error: unknown key `modle` in [stage.intent] [unknown-key]
//     12 | modle = "intent"
//        | ^~~~~
//   hint: did you mean `model`?

#include "pipeline/graph_spec.hpp"

#include <boost/json/fwd.hpp>

#include <filesystem>

namespace troupe {

/// Columns of a `source_range` count code points of the line, as those of most editors do.
/// `text` is the content of the file.
std::string render(const diagnostic& finding, const std::filesystem::path& file,
                   std::string_view text);

/// All of them, in order of place, an empty line between two.
std::string render(const std::vector<diagnostic>& findings, const std::filesystem::path& file,
                   std::string_view text);

/// The same for a graph of several files: places say which.
std::string render(const std::vector<diagnostic>& findings, const std::vector<graph_source>& files);

/// A list of {file, line, column, end_column, severity, kind, message, hint}; findings without a
/// place have line 0.
boost::json::value to_json(const std::vector<diagnostic>& findings,
                           const std::vector<graph_source>& files);

/// In order of file and place, the same finding twice only once.
void sort_by_place(std::vector<diagnostic>& findings);

bool has_errors(const std::vector<diagnostic>& findings) noexcept;

}  // namespace troupe
