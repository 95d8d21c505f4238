#pragma once
// Reading the data files that stages name in their parameters.

#include "pipeline/result.hpp"

#include <filesystem>
#include <string>

namespace troupe::stages {

/// All of a file. Error: `not_found`, naming the file.
result<std::string> read_data_file(const std::filesystem::path& file);

}  // namespace troupe::stages
