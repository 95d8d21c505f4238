// Graphs as text for other programs' pictures.

#include "dsl/draw.hpp"
#include "dsl/text_width.hpp"

#include <array>

namespace troupe {

namespace {

constexpr std::size_t longest_label = 48;

/// On one line, shortened at the end.
std::string short_label(std::string_view text) {
  std::string out;
  std::size_t shown = 0;
  for (const cell& c : cells_of(text)) {
    if (++shown > longest_label) return out + "…";
    out += c.shown;
  }
  return out;
}

std::string replaced(std::string text, char what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, 1, with);
  return text;
}

/// Mermaid's labels know entities, written with # and without &.
std::string mermaid_text(std::string_view text) {
  std::string out = short_label(text);
  out = replaced(std::move(out), '#', "#35;");
  out = replaced(std::move(out), '"', "#quot;");
  out = replaced(std::move(out), '<', "#lt;");
  return replaced(std::move(out), '>', "#gt;");
}

std::string dot_text(std::string_view text) {
  return replaced(replaced(short_label(text), '\\', "\\\\"), '"', "\\\"");
}

struct look {
  std::string_view mermaid;  ///< the arrow
  std::string_view dot;      ///< attributes
};
constexpr std::array<look, 4> looks = {look{"-->", ""}, look{"==>", "style=bold"},
                                       look{"-.->", "constraint=false, color=blue"},
                                       look{"-.->", "style=dashed, color=red"}};

}  // namespace

std::string draw_mermaid(const graph& g) {
  std::string out = "flowchart TD\n";
  auto id = [](stage_id s) { return "s" + std::to_string(s); };
  for (std::size_t i = 0; i < g.stages.size(); ++i)
    out += "  " + id(static_cast<stage_id>(i)) + "[\"" + mermaid_text(g.stages[i].name) + "\"]\n";
  for (const arc& a : arcs_of(g)) {
    out += "  " + id(a.from) + " " + std::string(looks[static_cast<std::size_t>(a.kind)].mermaid);
    if (!a.label.empty()) out += "|\"" + mermaid_text(a.label) + "\"|";
    out += " " + id(a.to) + "\n";
  }
  return out;
}

std::string draw_dot(const graph& g) {
  std::string out = "digraph \"" + dot_text(g.name) + "\" {\n  node [shape=box]\n";
  auto name = [&](stage_id s) {
    return "\"" + dot_text(g.stages[static_cast<std::size_t>(s)].name) + "\"";
  };
  for (std::size_t i = 0; i < g.stages.size(); ++i) {
    const auto s = static_cast<stage_id>(i);
    out += "  " + name(s) + (s == g.start ? " [penwidth=2]" : "") + "\n";
  }
  for (const arc& a : arcs_of(g)) {
    std::string attributes(looks[static_cast<std::size_t>(a.kind)].dot);
    if (!a.label.empty())
      attributes += (attributes.empty() ? "" : ", ") + ("label=\"" + dot_text(a.label) + "\"");
    out += "  " + name(a.from) + " -> " + name(a.to);
    out += attributes.empty() ? "\n" : " [" + attributes + "]\n";
  }
  return out + "}\n";
}

}  // namespace troupe
