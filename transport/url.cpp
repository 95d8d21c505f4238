#include "transport/url.hpp"

#include "transport/utf8.hpp"

#include <algorithm>

namespace troupe {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, plus p) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && p == plus::is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

query_value find_query(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto end = std::min(query.find('&'), query.size());
    auto part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    auto equals = std::min(part.find('='), part.size());
    if (percent_decode(part.substr(0, equals), plus::is_space) != name) continue;
    auto rest = equals < part.size() ? part.substr(equals + 1) : std::string_view();
    return {true, percent_decode(rest, plus::is_space)};
  }
  return {};
}

bool is_valid_id(std::string_view id) noexcept {
  if (id.empty() || id.size() > 128) return false;
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return std::none_of(id.begin(), id.end(), control) && is_utf8(id);
}

}  // namespace troupe
