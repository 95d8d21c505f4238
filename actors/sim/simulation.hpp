#pragma once
// A whole graph under simulation: the real runtime on CAF's test coordinator, virtual time, a store
// that can be killed, stages that fail and clients that come and go, all from one seed. A seed
// always goes the same way.

#include "actors/sim/witness.hpp"

namespace troupe::sim {

struct options {
  std::shared_ptr<const graph> plan;
  /// What the system is given to run instead of `plan`, if it is to have a mistake on purpose.
  std::shared_ptr<const graph> mistaken;
  /// Puts something between runtime and store, for the same purpose.
  std::function<std::unique_ptr<store>(store& below)> between;
  std::filesystem::path base;        ///< folder of the graph file
  std::vector<std::string> samples;  ///< what clients say; made up if there are none
  story::printer print;              ///< each thing that happens; may be empty
};

struct outcome {
  std::uint64_t seed = 0;
  std::optional<std::string> complaint;
  counts totals;
  std::uint64_t digest = 0;  ///< of all that happened
};

outcome simulate(const options& o, std::uint64_t seed);

}  // namespace troupe::sim
