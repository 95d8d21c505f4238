#pragma once
// A graph whose stages are the real ones, but take virtual time and fail as the seed says.

#include "actors/sim/faults.hpp"
#include "actors/sim/witness.hpp"
#include "pipeline/graph.hpp"

#include <list>

namespace troupe::sim {

/// What the stages of a simulated graph share. Outlives them.
struct stage_world {
  sim::world& world;
  witness& seen;
  fault_rates faults;  ///< may change while they run
};

class faulty_stages {
 public:
  explicit faulty_stages(stage_world& w) : world_(w) {}
  /// A copy of `plan` with stages that fail; valid as long as this. Real actors stay as they are.
  std::shared_ptr<const graph> wrap(const graph& plan);

 private:
  stage_world& world_;
  std::list<stage_type> types_;
};

}  // namespace troupe::sim
