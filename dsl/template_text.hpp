#pragma once
// The placeholders of a template as the linker sees them: where they stand and what they name. What
// they are filled with is up to the stages (actors/stages/prompt.hpp has the language).

#include <cstddef>
#include <string_view>
#include <vector>

namespace troupe {

/// `{name}`, `{name.key}`, `{name?}`, `{name:- }`.
struct template_hole {
  std::size_t at = 0, length = 0;  ///< in bytes of the text, with its braces
  std::string_view path;           ///< "name.key"
  bool optional = false;           ///< it may be missing

  std::string_view slot() const noexcept { return path.substr(0, path.find('.')); }
  bool has_keys() const noexcept { return slot().size() < path.size(); }
};

/// In order of place; they view `text`. Doubled braces are text. Sound for every text: what is no
/// template has the holes that it would have as one, up to the first brace that is left open.
std::vector<template_hole> holes_in(std::string_view text);

}  // namespace troupe
