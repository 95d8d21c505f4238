#pragma once
// Data that tests use in place and that need not be there.

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace troupe::test {

/// A file or folder below ../shared/data; without it a message says that the test was skipped.
inline std::optional<std::filesystem::path> shared_data(const std::string& name) {
  const auto path = std::filesystem::path(TROUPE_SOURCE_DIR) / ".." / "shared" / "data" / name;
  if (std::filesystem::exists(path)) return path.lexically_normal();
  BOOST_TEST_MESSAGE("skipped: ../shared/data/" << name << " is not there");
  return std::nullopt;
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline boost::json::value read_json(const std::filesystem::path& file) {
  return boost::json::parse(read_text(file));
}

}  // namespace troupe::test
