#pragma once
// Which stages run in the branches of which fan-out. A stage belongs to one place: to the trunk,
// or to the branches of one fan-out, which may lie within a branch of another.

#include "dsl/linking.hpp"

namespace troupe {

class fan_outs {
 public:
  static constexpr std::size_t trunk = static_cast<std::size_t>(-1);
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-2);

  /// Goes from the start over all ways, the trunk first, then fan-outs from the outermost to the
  /// innermost. The first place where a stage is met is its own.
  explicit fan_outs(const linking& l);

  /// The stage whose fan-out this stage runs in; `trunk`; `nowhere` if no run comes to it.
  std::size_t around(std::size_t stage) const { return around_[stage]; }
  /// Where the branches of the fan-out around a stage meet; `no_stage` on the trunk.
  stage_id join_around(std::size_t stage) const;
  /// The branches of that fan-out in which the stage can run: indexes into its `all`.
  const std::vector<std::size_t>& branches_of(std::size_t stage) const { return branches_[stage]; }
  /// Stages that fan out, inner ones before those that they lie within.
  const std::vector<std::size_t>& from_inside_out() const { return splits_; }

  /// True if a run that goes from one stage to another ends its branch by that.
  bool ends_branch(std::size_t from, stage_id to) const {
    return to != no_stage && join_around(from) == to;
  }
  /// True if both belong to the same place.
  bool together(std::size_t a, std::size_t b) const { return around_[a] == around_[b]; }

  /// A way that leads from a stage into a place that is not its own.
  struct trespass {
    std::size_t from;
    way by;
  };
  const std::vector<trespass>& trespasses() const { return trespasses_; }

 private:
  void visit_place(const std::vector<std::size_t>& heads, std::size_t split,
                   std::vector<std::size_t>& inner);
  void find_branches(std::size_t split);

  const linking& l_;
  std::vector<std::size_t> around_;
  std::vector<std::vector<std::size_t>> branches_;
  std::vector<std::size_t> splits_;
  std::vector<trespass> trespasses_;
};

}  // namespace troupe
