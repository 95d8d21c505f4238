#include "actors/stages/data_file.hpp"

#include <fstream>
#include <iterator>

namespace troupe::stages {

result<std::string> read_data_file(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file, ignored))
    return error{errc::not_found, "file `" + file.string() + "` cannot be read; is it there?"};
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace troupe::stages
