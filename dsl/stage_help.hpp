#pragma once
// All that there is to know about a stage type, for people and for programs.

#include "pipeline/stage.hpp"

#include <boost/json/fwd.hpp>

namespace troupe {

/// Summary, ports, parameters with types, ranges and defaults, and an example.
std::string help_of(const stage_type& type);

/// A table for a graph file that uses the type, with its required parameters.
std::string example_of(const stage_type& type);

/// {name, summary, streams, inputs: [{name, type, optional, doc}], outputs: […],
/// parameters: [{name, type, items?, required, default?, min?, max?, one_of?, meaning?, doc}],
/// example}
boost::json::value to_json(const stage_type& type);

}  // namespace troupe
