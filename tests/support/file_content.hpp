#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace troupe::test {

/// All bytes of a file; empty if it cannot be read.
inline std::string content(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace troupe::test
