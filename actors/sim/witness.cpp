#include "actors/sim/witness.hpp"

namespace troupe::sim {

witness::witness(world& w, std::shared_ptr<const graph> plan, const losing_store& records)
    : world_(w),
      plan_(std::move(plan)),
      records_(records),
      out_(plan_->stages.size()),
      failures_(plan_->stages.size()) {}

void witness::complain(const std::string& what) {
  if (complaint_ || !up_) return;
  world_.tell("BROKEN: " + what);
  complaint_ = what;
}

void witness::process_dies() noexcept {
  up_ = false;
  calls_.clear();
  std::fill(out_.begin(), out_.end(), 0);
  std::fill(failures_.begin(), failures_.end(), row_of_failures());
  crashes_.clear();
}

}  // namespace troupe::sim
