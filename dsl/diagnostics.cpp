#include "dsl/diagnostics.hpp"

#include "dsl/text_width.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <tuple>

namespace troupe {

namespace {

/// Columns of a source line that are shown; of a longer one, the part around the caret.
constexpr std::size_t widest = 160;
constexpr std::size_t before_caret = 60;

std::string_view level_name(severity level) {
  return level == severity::error ? "error" : "warning";
}

/// The lines of a text, found by walking through it once.
class line_finder {
 public:
  explicit line_finder(std::string_view text) : text_(text) {
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
      starts_.push_back(at + 1);
  }
  std::string_view line(std::uint32_t number) const {
    if (number == 0 || number > starts_.size()) return {};
    std::string_view line = text_.substr(starts_[number - 1]);
    line = line.substr(0, line.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_ = {0};
};

/// The source line and the caret line, each behind a gutter.
std::string excerpt(std::string_view line, const source_range& at) {
  std::vector<cell> cells = cells_of(line);
  std::size_t first = std::min<std::size_t>(at.column > 0 ? at.column - 1 : 0, cells.size());
  std::size_t last = std::clamp<std::size_t>(at.end_column > 0 ? at.end_column - 1 : 0, first + 1,
                                             std::max(cells.size(), first + 1));
  std::size_t begin = cells.size() > widest && first > before_caret ? first - before_caret : 0;
  std::size_t end = cells.size() > widest ? std::min(cells.size(), begin + widest) : cells.size();

  std::string number = std::to_string(at.line);
  std::string source = std::string(number.size() < 4 ? 4 - number.size() : 0, ' ') + number + " | ";
  std::string caret = std::string(source.size() - 2, ' ') + "| ";
  if (begin > 0) {
    source += "…";
    caret += ' ';
  }
  for (std::size_t i = begin; i < end; ++i) {
    source += cells[i].shown;
    if (i < first) caret += std::string(cells[i].width, ' ');
    if (i >= first && i < last) caret += std::string(cells[i].width, '~');
  }
  // Behind the line, or at a character that takes up no room.
  if (caret.find('~') == caret.npos) caret += '~';
  caret[caret.find('~')] = '^';
  if (end < cells.size()) source += "…";
  return source + "\n" + caret + "\n";
}

auto place(const diagnostic& d) {
  return std::tie(d.at.file, d.at.line, d.at.column, d.at.end_column, d.level, d.kind, d.message);
}

std::string render(const diagnostic& finding, const std::filesystem::path& file,
                   const line_finder& lines) {
  std::string out = printable(file.string()) + ":";
  if (finding.at.known())
    out += std::to_string(finding.at.line) + ":" + std::to_string(finding.at.column) + ":";
  out += " " + std::string(level_name(finding.level)) + ": " + printable(finding.message) + " [" +
         finding.kind + "]\n";
  if (finding.at.known()) out += excerpt(lines.line(finding.at.line), finding.at);
  if (!finding.hint.empty()) out += "hint: " + printable(finding.hint) + "\n";
  return out;
}

}  // namespace

std::string render(const diagnostic& finding, const std::filesystem::path& file,
                   std::string_view text) {
  return render(finding, file, line_finder(text));
}

std::string render(const std::vector<diagnostic>& findings, const std::filesystem::path& file,
                   std::string_view text) {
  return render(findings, {{file, std::string(text)}});
}

std::string render(const std::vector<diagnostic>& findings,
                   const std::vector<graph_source>& files) {
  std::vector<diagnostic> sorted = findings;
  sort_by_place(sorted);
  std::vector<line_finder> lines;
  for (const graph_source& f : files) lines.emplace_back(f.text);
  std::string out;
  for (const diagnostic& d : sorted)
    out += (out.empty() ? "" : "\n") + render(d, files[d.at.file].file, lines[d.at.file]);
  return out;
}

boost::json::value to_json(const std::vector<diagnostic>& findings,
                           const std::vector<graph_source>& files) {
  std::vector<diagnostic> sorted = findings;
  sort_by_place(sorted);
  boost::json::array out;
  for (const diagnostic& d : sorted) {
    boost::json::object o;
    o["file"] = files[d.at.file].file.string();
    o["line"] = d.at.line;
    o["column"] = d.at.column;
    o["end_column"] = d.at.end_column;
    o["severity"] = level_name(d.level);
    o["kind"] = d.kind;
    o["message"] = d.message;
    o["hint"] = d.hint;
    out.push_back(std::move(o));
  }
  return out;
}

void sort_by_place(std::vector<diagnostic>& findings) {
  std::ranges::stable_sort(findings, [](auto& a, auto& b) { return place(a) < place(b); });
  auto same = [](auto& a, auto& b) { return place(a) == place(b); };
  findings.erase(std::unique(findings.begin(), findings.end(), same), findings.end());
}

bool has_errors(const std::vector<diagnostic>& findings) noexcept {
  return std::ranges::any_of(findings, [](auto& d) { return d.level == severity::error; });
}

}  // namespace troupe
