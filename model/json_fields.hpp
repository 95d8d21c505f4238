#pragma once
// Texts of a JSON object.

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// The text under `key`. Throws what Boost.JSON throws if there is none.
inline std::string text_at(const boost::json::value& v, std::string_view key) {
  return boost::json::value_to<std::string>(v.at(key));
}

/// The text under `key`; empty if there is none, or something else.
inline std::string text_or_empty(const boost::json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  const auto* text = v ? v->if_string() : nullptr;
  return text ? std::string(*text) : std::string();
}

}  // namespace troupe
