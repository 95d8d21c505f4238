#include "dsl/load.hpp"

#include "dsl/diagnostics.hpp"
#include "dsl/expand.hpp"
#include "dsl/link.hpp"

#include <fstream>
#include <system_error>

namespace troupe {

result<std::string> read_graph_file(const std::filesystem::path& file) {
  std::error_code unused;
  if (std::filesystem::is_directory(file, unused))
    return error{errc::not_found, "`" + file.string() + "` is a folder, not a graph file"};
  std::ifstream in(file, std::ios::binary);
  if (!in) return error{errc::not_found, "the graph file `" + file.string() + "` cannot be opened"};
  // One byte more than is allowed, so that the reader sees that there is too much.
  std::string text(largest_graph_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

loaded load_graph_text(std::string text, std::filesystem::path file, const registry& types,
                       const load_options& options) {
  const graph_files files = read_graph_files(std::move(text), std::move(file), options.kept);
  expanded_graph whole = expand(files, types, options.scripted_models);
  loaded out;
  out.files = files.sources();
  out.spec = std::move(whole.spec);
  out.diagnostics = std::move(whole.findings);
  if (whole.is_toml) {
    link_result linked =
        link_graph(out.spec, types, whole.has_gaps ? spec_state::has_gaps : spec_state::whole);
    if (!has_errors(out.diagnostics)) out.graph = std::move(linked.graph);
    out.diagnostics.insert(out.diagnostics.end(), linked.findings.begin(), linked.findings.end());
  }
  sort_by_place(out.diagnostics);
  return out;
}

loaded load_graph(const std::filesystem::path& file, const registry& types) {
  auto text = read_graph_file(file);
  if (text) return load_graph_text(std::move(*text), file, types);
  loaded out;
  out.spec.file = file;
  out.files.push_back({file, ""});
  out.diagnostics.push_back({severity::error, "unreadable", text.error().message, {}, ""});
  return out;
}

std::string render(const loaded& l) { return render(l.diagnostics, l.files); }

}  // namespace troupe
