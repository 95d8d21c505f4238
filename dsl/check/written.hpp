#pragma once
// Which slots are certain to hold a value where: a forward data-flow analysis over the graph.

#include "dsl/check/branches.hpp"

namespace troupe {

/// A set of slots.
class slot_set {
 public:
  explicit slot_set(std::size_t slots, bool full = false)
      : words_((slots + 63) / 64, full ? ~std::uint64_t{0} : 0) {}
  void add(slot_id id) { words_[index(id)] |= bit(id); }
  bool has(slot_id id) const { return (words_[index(id)] & bit(id)) != 0; }
  void unite(const slot_set& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  /// True if that took something away.
  bool intersect(const slot_set& other) {
    bool changed = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      std::uint64_t both = words_[i] & other.words_[i];
      changed = changed || both != words_[i];
      words_[i] = both;
    }
    return changed;
  }

 private:
  static std::size_t index(slot_id id) { return static_cast<std::size_t>(id) / 64; }
  static std::uint64_t bit(slot_id id) { return std::uint64_t{1} << (id % 64); }
  std::vector<std::uint64_t> words_;
};

/// The greatest solution of: a slot is written at a stage if it is on every way there. Ways meet
/// by intersection; at a join the branches, which all have run, meet by union. A stage's failure
/// leads on without its outputs; an edge taken on `defined(x)` makes x written; an optional output
/// writes nothing for certain.
class written_slots {
 public:
  explicit written_slots(const linking& l);

  /// On entry to a stage. Everything, where no run comes.
  const slot_set& at_entry(std::size_t stage) const { return entry_[stage]; }
  /// After it has answered.
  slot_set after(std::size_t stage) const;
  /// After it has answered, where its `edge`-th edge is about to be tried.
  slot_set before_edge(std::size_t stage, std::size_t edge) const;
  /// True if a run, and not only a branch, can be at this stage.
  bool on_trunk(std::size_t stage) const { return trunk_[stage]; }

 private:
  void flow_from(std::size_t stage);
  void flow(std::size_t from, stage_id to, const slot_set& slots);
  /// What a branch has written when it ends at `stage`.
  void end_branch(std::size_t branch_index, const slot_set& slots);
  void meet(stage_id to, const slot_set& slots);
  void prove(slot_set& slots, const edge& e, bool outcome) const;

  const linking& l_;
  std::vector<branch> branches_;
  std::vector<slot_set> entry_;
  std::vector<slot_set> branch_end_;  ///< by branch
  std::vector<bool> trunk_;
  std::vector<bool> waiting_;
  std::vector<std::size_t> open_;
};

}  // namespace troupe
