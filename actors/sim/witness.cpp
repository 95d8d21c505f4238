#include "actors/sim/witness.hpp"

namespace troupe::sim {

witness::witness(world& w, plans plan_of, const losing_store& records)
    : world_(w), plan_of_(std::move(plan_of)), records_(records) {}

const graph& witness::plan_of(const std::string& run) const {
  auto record = read_run(records_, run);
  return plan_of_(record && *record ? (*record)->graph_hash : std::string());
}

const std::string& witness::stage_name(const open_call& c) const {
  return plan_of_(c.hash).stages[c.stage].name;
}

void witness::process_drains() { drains_since_ = world_.time.now(); }

void witness::complain(const std::string& what) {
  if (complaint_ || !up_) return;
  world_.tell("BROKEN: " + what);
  complaint_ = what;
}

void witness::process_dies() noexcept {
  up_ = false;
  calls_.clear();
  out_.clear();
  failures_.clear();
  crashes_.clear();
}

}  // namespace troupe::sim
