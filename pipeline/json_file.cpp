#include "pipeline/json_file.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace troupe {

result<value> read_json_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return error{errc::not_found, "`" + file.string() + "` cannot be read; check path and rights"};
  const std::string text(std::istreambuf_iterator<char>(in), {});
  boost::json::stream_parser parser;
  boost::json::error_code ec;
  const auto taken = parser.write_some(text, ec);
  if (!ec && taken == text.size()) parser.finish(ec);
  if (!ec && taken < text.size()) ec = boost::json::error::extra_data;
  if (!ec) return from_json(parser.release());
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(taken), '\n');
  return error{errc::invalid_request, "`" + file.string() + "` is not JSON: " + ec.message() +
                                          " in line " + std::to_string(line)};
}

}  // namespace troupe
