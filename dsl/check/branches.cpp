// Branches of fan-outs: they end at their join, run nowhere else, and write slots of their own.

#include "dsl/check/fan_outs.hpp"

#include <algorithm>
#include <map>

namespace troupe {

namespace {

class branch_check {
 public:
  branch_check(linking& l, const fan_outs& fans) : l_(l), fans_(fans) {}

  void run() {
    for (const fan_outs::trespass& t : fans_.trespasses()) report_trespass(t);
    std::vector<std::vector<std::size_t>> inside(l_.out.stages.size());
    for (std::size_t i = 0; i < l_.out.stages.size(); ++i)
      if (std::size_t split = fans_.around(i); split < inside.size()) inside[split].push_back(i);
    writes_.resize(l_.out.stages.size());
    for (std::size_t split : fans_.from_inside_out()) compare_branches(split, inside[split]);
  }

 private:
  using writers = std::map<slot_id, std::size_t>;  ///< slot → a stage that writes it

  const stage_node& node(std::size_t stage) const { return l_.out.stages[stage]; }
  std::string name(std::size_t stage) const { return "`" + node(stage).name + "`"; }
  static std::size_t index(stage_id id) { return static_cast<std::size_t>(id); }

  void report_trespass(const fan_outs::trespass& t) {
    std::size_t split = fans_.around(t.from);
    if (t.by.what == way::kind::branch) split = t.from;
    const bool on_trunk = split == fan_outs::trunk;
    if (l_.unknown[t.from].ways || (!on_trunk && l_.unknown[split].ways)) return;
    const std::string to = name(index(t.by.to));
    if (t.by.what == way::kind::join && fans_.ends_branch(t.from, t.by.to))
      return l_.report("shared-join",
                       "the fan-out of " + name(t.from) + " meets at " + to +
                           ", where the fan-out around it, of " + name(split) + ", meets too",
                       t.by.at,
                       "give the inner one a join of its own, a stage that leads to " + to);
    if (t.by.what == way::kind::branch)
      return l_.report("branch-leaves",
                       to + " cannot be a branch of " + name(t.from) +
                           ": a run comes to it outside of this fan-out too",
                       t.by.at, "give the branch a stage of its own");
    if (std::size_t entry = way_into(split, t); entry != fan_outs::nowhere)
      return report_entry(entry, t.by.to, split);
    l_.report("branch-leaves",
              "a branch of " + name(split) + " leaves its fan-out: " + name(t.from) + " leads to " +
                  to + ", but branches end at the join " + name(index(node(split).split->join)),
              t.by.at,
              "a branch goes on to its join or ends without `next`; stages before the fan-out and "
              "behind the join belong to no branch");
  }

  /// When a trespass is the fault of a way from outside into the middle of a branch: the stage
  /// where that way begins. That is so if the target leads on to the join as stages of a branch
  /// do, and stands neither before the fan-out nor behind its join.
  std::size_t way_into(std::size_t split, const fan_outs::trespass& t) {
    // In a file with very many mistakes the later ones are all told alike.
    constexpr int most_searched = 100;
    if (++searched_ > most_searched) return fan_outs::nowhere;
    const stage_id join = node(split).split->join;
    const auto onward = stages_behind(l_, index(t.by.to), [](const way& w) { return !w.bounded; });
    const auto after = stages_behind(l_, index(join), [](const way& w) { return !w.bounded; });
    const bool part_of_branch = onward[index(join)] && !onward[split] && index(t.by.to) != split &&
                                !after[index(t.by.to)] && t.by.to != join;
    if (!part_of_branch) return fan_outs::nowhere;
    for (std::size_t i = 0; i < l_.out.stages.size(); ++i)
      if (fans_.around(i) == fans_.around(index(t.by.to)))
        for (const way& w : ways_from(l_, i))
          if (w.to == t.by.to && w.what != way::kind::branch) return i;
    return fan_outs::nowhere;
  }

  void report_entry(std::size_t from, stage_id to, std::size_t split) {
    for (const way& w : ways_from(l_, from))
      if (w.to == to)
        return l_.report("branch-entered",
                         name(from) + " leads to " + name(index(to)) +
                             ", which runs within a branch of " + name(split),
                         w.at, "enter a fan-out only where it begins, at " + name(split));
  }

  void compare_branches(std::size_t split, const std::vector<std::size_t>& stages) {
    if (l_.unknown[split].ways) return;
    const auto& heads = node(split).split->all;
    std::vector<writers> by_branch(heads.size());
    for (std::size_t stage : stages) {
      for (std::size_t branch : fans_.branches_of(stage)) {
        for (slot_id id : node(stage).out)
          if (id != no_slot) by_branch[branch].try_emplace(id, stage);
        if (node(stage).split)
          for (const auto& [id, by] : writes_[stage]) by_branch[branch].try_emplace(id, by);
      }
      check_shared_loop(split, stage);
    }
    for (std::size_t branch = 0; branch < heads.size(); ++branch)
      for (const auto& [id, stage] : by_branch[branch])
        if (auto [earlier, is_new] = writes_[split].try_emplace(id, stage); !is_new)
          report_two_writers(split, id, earlier->second, stage);
  }

  /// A loop counts for a run, not for a branch.
  void check_shared_loop(std::size_t split, std::size_t stage) {
    if (fans_.branches_of(stage).size() < 2) return;
    for (std::size_t i = 0; i < node(stage).next.size(); ++i)
      if (node(stage).next[i].max >= 0)
        l_.report("shared-loop",
                  "several branches of " + name(split) + " go round this loop of " + name(stage) +
                      " at the same time",
                  l_.spec.stages[stage].next[i].at, "give each branch a loop of its own");
  }

  void report_two_writers(std::size_t split, slot_id id, std::size_t first, std::size_t second) {
    const std::string slot(l_.name_of_slot(id));
    std::string who = "stage " + name(first);
    if (first == second)
      who += ", which runs in several branches of " + name(split) + ",";
    else
      who += " and stage " + name(second) + " in branches of " + name(split);
    l_.report("parallel-writes",
              who + (first == second ? " writes" : " both write") + " the slot `" + slot +
                  "`, and which one stays is left to chance",
              place_of_output(l_, second, id), "give one a slot of its own: out = { … = \"…\" }");
  }

  linking& l_;
  const fan_outs& fans_;
  int searched_ = 0;
  std::vector<writers> writes_;  ///< by stage that fans out: of all its branches
};

}  // namespace

void check_fan_outs(linking& l, const fan_outs& fans) { branch_check(l, fans).run(); }

}  // namespace troupe
