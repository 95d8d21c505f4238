#include "dsl/expand.hpp"

#include "dsl/diagnostics.hpp"
#include "dsl/link.hpp"
#include "dsl/splice.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Sub-graphs that use sub-graphs multiply; no graph needs more stages than this.
constexpr std::size_t most_stages = 10'000;

class expander {
 public:
  expander(const graph_files& files, const registry& types,
           const std::vector<std::string>& scripted)
      : files_(files),
        types_(types),
        scripted_(scripted),
        sources_(files.sources()),
        inner_(files.files.size()) {
    out_.findings = files.findings;
    for (const read_result& r : files.files)
      out_.findings.insert(out_.findings.end(), r.findings.begin(), r.findings.end());
  }

  expanded_graph run() {
    out_.is_toml = files_.files[0].is_toml;
    out_.has_gaps = has_errors(files_.files[0].findings);
    out_.spec = whole(0, out_.has_gaps);
    return std::move(out_);
  }

 private:
  /// The spec of a file with its sub-graphs in it; `has_gaps` becomes true where one is missing.
  graph_spec whole(std::size_t file, bool& has_gaps) {
    graph_spec spec = files_.files[file].spec;
    if (sources_.size() > 1) spec.sources = sources_;
    for (model_spec& m : spec.models)
      if (std::ranges::find(scripted_, *m.name) != scripted_.end()) m.kind.value = "scripted";
    std::vector<stage_spec> stages = std::exchange(spec.stages, {});
    for (std::size_t i = 0; i < stages.size(); ++i) {
      stage_spec& stage = stages[i];
      if (*stage.use != sub_graph_type || !types_.find(sub_graph_type)) {
        spec.stages.push_back(std::move(stage));
        continue;
      }
      const auto named = files_.inner.find({file, i});
      const inner_graph* inner = named == files_.inner.end() ? nullptr : linked(named->second);
      if (inner && fits(spec, *inner, stage, stages.size() - i)) {
        splice(spec, std::move(stage), *inner, out_.findings);
        continue;
      }
      stage.damaged_reads = stage.damaged_writes = stage.damaged_ways = true;
      has_gaps = true;
      spec.stages.push_back(std::move(stage));
    }
    return spec;
  }

  bool fits(const graph_spec& spec, const inner_graph& inner, const stage_spec& stage,
            std::size_t left) {
    if (spec.stages.size() + inner.spec.stages.size() + left <= most_stages) return true;
    out_.findings.push_back(
        {severity::error, "sub-graph",
         "with its sub-graphs the graph has more than " + std::to_string(most_stages) + " stages",
         stage.use.at, ""});
    return false;
  }

  /// A sub-graph by itself; nullptr if there is a mistake in it.
  const inner_graph* linked(std::size_t file) {
    auto& made = inner_[file];
    if (made) return made->plan ? &*made : nullptr;
    const read_result& read = files_.files[file];
    bool has_gaps = has_errors(read.findings);
    graph_spec spec = whole(file, has_gaps);
    made.emplace();
    if (!read.is_toml) return nullptr;
    auto [plan, findings] =
        link_graph(spec, types_, has_gaps ? spec_state::has_gaps : spec_state::whole);
    std::ranges::copy_if(findings, std::back_inserter(out_.findings),
                         [](const diagnostic& d) { return d.level == severity::error; });
    made->spec = std::move(spec);
    made->plan = std::move(plan);
    return made->plan ? &*made : nullptr;
  }

  const graph_files& files_;
  const registry& types_;
  const std::vector<std::string>& scripted_;
  const std::vector<graph_source> sources_;
  std::vector<std::optional<inner_graph>> inner_;
  expanded_graph out_;
};

}  // namespace

expanded_graph expand(const graph_files& files, const registry& types,
                      const std::vector<std::string>& scripted) {
  return expander(files, types, scripted).run();
}

}  // namespace troupe
