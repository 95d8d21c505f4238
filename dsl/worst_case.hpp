#pragma once
// The largest weight that any run through a graph can gather, when every stage it enters weighs
// something: calls, tokens, time, money.
//
// A run is where its tokens are: at a stage, within the branches of fan-outs. For every such place
// v there is a potential p(v), an upper bound of what is gathered from there on, so that along each
// edge v → w that is not bounded  p(v) ≥ weight(v) + p(w).  A bounded edge u → w may break that by
//   s = max(0, weight(u) + p(w) - p(u))
// each time it is taken, and no run takes it more than `max` times. Summed up along any run,
//   gathered ≤ p(start) + Σ max · s
// (weak duality of the flow problem whose solutions the runs are: Ahuja, Magnanti, Orlin, Network
// Flows, ch. 9). Done per strongly connected component, so that loops on another way do not count.
// Without loops the bound is exact as far as conditions are not looked at; likewise for one loop.

#include "pipeline/graph.hpp"

namespace troupe {

/// What the branches of a fan-out come to together.
enum class branches_are : std::uint8_t {
  added,     ///< calls, tokens
  compared,  ///< time: the longest counts
};

/// The places of runs through a graph, and the ways between them.
class worst_case {
 public:
  /// For a graph that the linker let through: every cycle has a bounded edge. `g` must outlive it.
  explicit worst_case(const graph& g);

  /// The most that a run can gather. `weights` are those of one entry into each stage, not
  /// negative; infinity is allowed.
  double bound(const std::vector<double>& weights, branches_are how) const;

  /// The heaviest way to the end, without going round: stages in order, of a fan-out the heaviest
  /// branch alone. Finite weights. Empty if every way to the end leads over a loop's edge.
  std::vector<stage_id> heaviest_path(const std::vector<double>& weights) const;

 private:
  /// One way on from a place. Several targets: the branches of a fan-out and last its join. None:
  /// an end, of the run or of a branch.
  struct way {
    std::vector<std::size_t> to;
    int max = -1;  ///< -1: not bounded
  };
  struct place {
    stage_id stage = no_stage;
    stage_id join = no_stage;  ///< of the innermost fan-out that it is in
    std::vector<way> ways;
    std::size_t component = 0;
    bool entry = false;  ///< runs come to it from outside of its component
  };
  struct potentials {
    std::vector<double> within;   ///< by place: without having paid for the component's loops
    std::vector<double> entered;  ///< by place: everything from there on
  };

  void find_places(const graph& g);
  void find_components();
  bool inside(const way& w, std::size_t component) const;
  template <class Values>
  static double value_of(const way& w, branches_are how, Values value);
  void solve(std::size_t component, const std::vector<double>& weights, branches_are how,
             potentials& p) const;
  double loops_of(std::size_t component, const std::vector<double>& weights,
                  const std::vector<double>& within) const;

  std::vector<place> places_;
  /// Members of each component, later ones first; components so that ways lead to earlier ones.
  std::vector<std::vector<std::size_t>> components_;
};

}  // namespace troupe
