#include "dsl/template_text.hpp"

namespace troupe {

std::vector<template_hole> holes_in(std::string_view text) {
  std::vector<template_hole> holes;
  for (std::size_t at = text.find('{'); at != text.npos; at = text.find('{', at)) {
    if (at + 1 < text.size() && text[at + 1] == '{') {
      at += 2;
      continue;
    }
    const std::size_t close = text.find_first_of("{}", at + 1);
    if (close == text.npos) break;
    if (text[close] == '{') {
      at = close;
      continue;
    }
    std::string_view inner = text.substr(at + 1, close - at - 1);
    inner = inner.substr(0, inner.find(':'));
    const bool optional = inner.ends_with('?');
    if (optional) inner.remove_suffix(1);
    holes.push_back({at, close - at + 1, inner, optional});
    at = close + 1;
  }
  return holes;
}

}  // namespace troupe
