#pragma once
// The little of URLs that the routes need.

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

enum class plus : unsigned char { stays, is_space };

/// Undoes percent-encoding; nothing if a `%` is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, plus p);

struct query_value {
  bool present = false;
  std::optional<std::string> text;  ///< nothing: absent, or its encoding is broken
};

/// The first value of `name` in `a=1&b=2`.
query_value find_query(std::string_view query, std::string_view name);

/// Whether `id` may name a conversation, a run or a message: 1 to 128 bytes of UTF-8 without
/// control characters.
bool is_valid_id(std::string_view id) noexcept;

}  // namespace troupe
