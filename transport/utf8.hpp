#pragma once
// Whether bytes are text.

#include <string_view>

namespace troupe {

/// True if `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;

}  // namespace troupe
