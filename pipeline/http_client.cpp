#include "pipeline/http_client.hpp"

#include <algorithm>

namespace troupe {

bool same_header_name(std::string_view a, std::string_view b) noexcept {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view http_response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (same_header_name(key, name)) return value;
  return {};
}

}  // namespace troupe
