#pragma once
// A graph file of this project, ready to be simulated.

#include "actors/sim/simulation.hpp"
#include "actors/stages/builtin.hpp"
#include "dsl/load.hpp"

#include <spdlog/spdlog.h>

#include <stdexcept>

namespace troupe::test {

class simulated_graph {
 public:
  /// `file`: from the project's root.
  explicit simulated_graph(const std::string& file) {
    spdlog::set_level(spdlog::level::off);
    add_builtin_stages(stages_);
    const auto path = std::filesystem::path(TROUPE_SOURCE_DIR) / file;
    auto l = load_graph(path.string(), stages_);
    if (!l.graph) throw std::runtime_error(render(l));
    options_.plan = l.graph;
    options_.base = path.parent_path();
  }
  sim::options options() const { return options_; }

 private:
  registry stages_;
  sim::options options_;
};

}  // namespace troupe::test
