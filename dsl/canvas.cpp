#include "dsl/canvas.hpp"

#include "dsl/text_width.hpp"

namespace troupe {

namespace {

enum direction : std::size_t { up, right_, down_, left };

/// Unicode's box drawings, by strength (none, light, heavy) of up and right, then of down and left.
constexpr std::array<std::array<std::string_view, 9>, 9> glyphs = {{
    {" ", "╴", "╸", "╷", "┐", "┑", "╻", "┒", "┓"},
    {"╶", "─", "╾", "┌", "┬", "┭", "┎", "┰", "┱"},
    {"╺", "╼", "━", "┍", "┮", "┯", "┏", "┲", "┳"},
    {"╵", "┘", "┙", "│", "┤", "┥", "╽", "┧", "┪"},
    {"└", "┴", "┵", "├", "┼", "┽", "┟", "╁", "╅"},
    {"┕", "┶", "┷", "┝", "┾", "┿", "┢", "╆", "╈"},
    {"╹", "┚", "┛", "╿", "┦", "┩", "┃", "┨", "┫"},
    {"┖", "┸", "┹", "┞", "╀", "╃", "┠", "╂", "╉"},
    {"┗", "┺", "┻", "┡", "╄", "╇", "┣", "╊", "╋"},
}};

std::size_t strength(stroke s) { return s == stroke::none ? 0 : s == stroke::heavy ? 2 : 1; }

/// The stronger of two lines on one another.
void lay(stroke& under, stroke s) {
  if (under == stroke::none || s == stroke::heavy || (s == stroke::light && under != stroke::heavy))
    under = s;
}

}  // namespace

canvas::spot& canvas::at(std::size_t column, std::size_t row) {
  if (rows_.size() <= row) rows_.resize(row + 1);
  if (rows_[row].size() <= column) rows_[row].resize(column + 1);
  return rows_[row][column];
}

void canvas::down(std::size_t column, std::size_t from, std::size_t to, stroke s) {
  for (std::size_t row = from; row <= to; ++row) {
    spot& here = at(column, row);
    if (row > from) lay(here.arms[up], s);
    if (row < to) lay(here.arms[down_], s);
    here.joined = here.joined || row == from || row == to;
  }
}

void canvas::right(std::size_t row, std::size_t from, std::size_t to, stroke s) {
  for (std::size_t column = from; column <= to; ++column) {
    spot& here = at(column, row);
    if (column > from) lay(here.arms[left], s);
    if (column < to) lay(here.arms[right_], s);
    here.joined = here.joined || column == from || column == to;
  }
}

void canvas::text(std::size_t column, std::size_t row, std::string_view shown) {
  for (cell& c : cells_of(shown)) {
    if (c.width == 0) {
      if (column > 0) at(column - 1, row).text += c.shown;
      continue;
    }
    at(column, row).text = std::move(c.shown);
    for (std::size_t i = 1; i < c.width; ++i) at(column + i, row).covered = true;
    column += c.width;
  }
}

std::string_view canvas::glyph(const spot& s) {
  auto arms = s.arms;
  const bool upright = arms[up] != stroke::none && arms[down_] != stroke::none;
  const bool level = arms[left] != stroke::none && arms[right_] != stroke::none;
  if (upright && level && !s.joined) arms[left] = arms[right_] = stroke::none;
  if (arms[left] == stroke::none && arms[right_] == stroke::none && arms[up] == stroke::dashed &&
      arms[down_] == stroke::dashed)
    return "┆";
  if (arms[up] == stroke::none && arms[down_] == stroke::none && arms[left] == stroke::dashed &&
      arms[right_] == stroke::dashed)
    return "┄";
  return glyphs[strength(arms[up]) * 3 + strength(arms[right_])]
               [strength(arms[down_]) * 3 + strength(arms[left])];
}

std::string canvas::render() const {
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    std::size_t ink = 0;
    for (const spot& s : row) {
      if (s.covered) continue;
      const std::string_view shown = s.text.empty() ? glyph(s) : std::string_view(s.text);
      line += shown;
      if (shown != " ") ink = line.size();
    }
    out += line.substr(0, ink) + "\n";
  }
  return out;
}

}  // namespace troupe
