#pragma once
// A file of JSON as a value: the usual data file of a stage.

#include "pipeline/result.hpp"
#include "pipeline/value.hpp"

#include <filesystem>

namespace troupe {

/// Errors, which name the file: it cannot be read (`not_found`), it is not JSON (`invalid_request`;
/// with the line).
result<value> read_json_file(const std::filesystem::path& file);

}  // namespace troupe
