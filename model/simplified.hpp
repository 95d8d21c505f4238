#pragma once

namespace troupe {

/// The simplified form of a traditional Chinese character; any other code point is itself. Covers
/// the characters in daily use, one to one.
char32_t to_simplified(char32_t c) noexcept;

}  // namespace troupe
