#pragma once
// TOML below the level of the parser: how deep a text nests, and where in the file a byte of a
// string's content was written.

#include "pipeline/source.hpp"

#include <optional>

namespace troupe {

/// The first place where brackets or dotted keys nest deeper than any graph needs; a parser would
/// answer such a text by running out of stack. Sound for valid TOML, and on the rest never stops
/// before the place where the parser will.
std::optional<source_range> too_deep(std::string_view text);

/// Where bytes [offset, offset + length) of a string's content stand in the file, when `literal`
/// is where the string was written (quotes included; only its line and column are used). Knows
/// escapes, literal and multi-line strings. Stops at the end of the line.
source_range inside_string(std::string_view text, const source_range& literal, std::size_t offset,
                           std::size_t length);

}  // namespace troupe
