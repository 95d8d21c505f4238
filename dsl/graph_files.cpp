#include "dsl/graph_files.hpp"

#include "dsl/load.hpp"

#include <algorithm>

namespace troupe {

namespace {

namespace fs = std::filesystem;

/// How files are told apart, whatever way leads there.
fs::path identity_of(const fs::path& file) {
  std::error_code failed;
  const fs::path full = fs::absolute(file, failed);
  fs::path real = fs::weakly_canonical(full, failed);
  return failed ? full.lexically_normal() : real;
}

class files_reader {
 public:
  explicit files_reader(const std::vector<graph_source>& kept) : kept_(kept) {}

  graph_files read(std::string text, fs::path file) {
    add(std::move(text), std::move(file));
    visit(0);
    return std::move(out_);
  }

 private:
  std::size_t add(std::string text, fs::path file) {
    const std::size_t number = out_.files.size();
    known_.emplace(identity_of(file), number);
    out_.files.push_back(
        read_graph_spec(std::move(text), std::move(file), static_cast<std::uint32_t>(number)));
    return number;
  }

  void visit(std::size_t file) {
    chain_.push_back(file);
    for (std::size_t stage = 0; stage < out_.files[file].spec.stages.size(); ++stage) {
      const stage_spec& s = out_.files[file].spec.stages[stage];
      const located_value* named = *s.use == sub_graph_type ? s.with.find("file") : nullptr;
      if (named && named->plain.type() == slot_type::text) enter(file, stage, *named);
    }
    chain_.pop_back();
  }

  void enter(std::size_t file, std::size_t stage, const located_value& named) {
    const fs::path path =
        (out_.files[file].spec.file.parent_path() / named.plain.as_text()).lexically_normal();
    const auto found = known_.find(identity_of(path));
    if (found == known_.end()) {
      auto text = text_of(path);
      if (!text) return;  // The linker says that the file is not there.
      const std::size_t number = add(std::move(*text), path);
      out_.inner[{file, stage}] = number;
      return visit(number);
    }
    const auto ring = std::ranges::find(chain_, found->second);
    if (ring == chain_.end()) {
      out_.inner[{file, stage}] = found->second;
      return;
    }
    std::string ways;
    for (auto it = ring; it != chain_.end(); ++it)
      ways += out_.files[*it].spec.file.filename().string() + " → ";
    out_.findings.push_back({severity::error, "sub-graph",
                             "sub-graphs go round: " + ways + path.filename().string(), named.at,
                             "a loop is an edge that leads back, with `max`"});
  }

  std::optional<std::string> text_of(const fs::path& path) const {
    const fs::path identity = identity_of(path);
    for (const graph_source& s : kept_)
      if (s.file == identity) return s.text;
    std::error_code unused;
    if (!fs::is_regular_file(path, unused)) return std::nullopt;
    auto text = read_graph_file(path);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  }

  const std::vector<graph_source>& kept_;
  graph_files out_;
  std::map<fs::path, std::size_t> known_;
  std::vector<std::size_t> chain_;  ///< from the graph's own file to the one that is visited
};

}  // namespace

std::vector<graph_source> graph_files::sources() const {
  std::vector<graph_source> all;
  for (const read_result& r : files) all.push_back({r.spec.file, r.spec.text});
  return all;
}

graph_files read_graph_files(std::string text, fs::path file,
                             const std::vector<graph_source>& kept) {
  return files_reader(kept).read(std::move(text), std::move(file));
}

}  // namespace troupe
