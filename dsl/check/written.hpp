#pragma once
// Which slots are certain to hold a value where: a forward data-flow analysis over the graph.

#include "dsl/check/fan_outs.hpp"

namespace troupe {

/// A set of slots.
class slot_set {
 public:
  explicit slot_set(std::size_t slots, bool full = false)
      : words_((slots + 63) / 64, full ? ~std::uint64_t{0} : 0) {}
  /// `no_slot` is in every set, and adding it changes nothing.
  void add(slot_id id) {
    if (id != no_slot) words_[index(id)] |= bit(id);
  }
  void remove(slot_id id) {
    if (id != no_slot) words_[index(id)] &= ~bit(id);
  }
  bool has(slot_id id) const { return id == no_slot || (words_[index(id)] & bit(id)) != 0; }
  /// True if that added something.
  bool unite(const slot_set& other) {
    bool changed = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      changed = changed || (other.words_[i] & ~words_[i]) != 0;
      words_[i] |= other.words_[i];
    }
    return changed;
  }
  void subtract(const slot_set& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  /// True if that took something away.
  bool intersect(const slot_set& other) {
    bool changed = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      changed = changed || (words_[i] & ~other.words_[i]) != 0;
      words_[i] &= other.words_[i];
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
/// leaves its slot uncertain. What is not known of a stage is taken to write everything.
class written_slots {
 public:
  written_slots(const linking& l, const fan_outs& fans);

  /// On entry to a stage. Everything, where no run comes.
  const slot_set& at_entry(std::size_t stage) const { return entry_[stage]; }
  /// After it has answered.
  slot_set after(std::size_t stage) const;
  /// After it has answered, where each of its edges is about to be tried.
  std::vector<slot_set> before_edges(std::size_t stage) const;

 private:
  void find_unsettled();
  void flow_from(std::size_t stage);
  void flow(std::size_t from, stage_id to, const slot_set& slots);
  /// What the branches that `stage` is in have written when they end there.
  void end_branches(std::size_t stage, const slot_set& slots);
  void meet(stage_id to, const slot_set& slots);
  void prove(slot_set& slots, const edge& e, bool outcome) const;
  slot_set everything() const { return slot_set(l_.out.slots.size(), true); }

  const linking& l_;
  const fan_outs& fans_;
  std::vector<slot_set> entry_;
  std::vector<std::vector<slot_set>> branch_end_;  ///< by stage that fans out, by branch
  /// By stage that fans out, by branch: slots that the branch makes uncertain, also for the others,
  /// which run at the same time.
  std::vector<std::vector<slot_set>> unsettled_;
  std::vector<bool> waiting_;
  std::vector<std::size_t> open_;
};

}  // namespace troupe
