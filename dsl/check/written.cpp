#include "dsl/check/written.hpp"

namespace troupe {

written_slots::written_slots(const linking& l, const fan_outs& fans)
    : l_(l),
      fans_(fans),
      entry_(l.out.stages.size(), everything()),
      branch_end_(l.out.stages.size()),
      waiting_(l.out.stages.size()) {
  find_unsettled();
  for (std::size_t split : fans.from_inside_out())
    branch_end_[split].assign(l.out.stages[split].split->all.size(), everything());
  if (l.out.start == no_stage) return;
  slot_set inputs(l.out.slots.size());
  for (const input_spec& in : l.spec.inputs) inputs.add(l.find_slot(*in.name));
  meet(l.out.start, inputs);
  // A stage whose entry set shrank flows again; sets only shrink, so this ends.
  for (std::size_t next = 0; next < open_.size(); ++next) {
    const std::size_t stage = open_[next];
    waiting_[stage] = false;
    flow_from(stage);
  }
}

void written_slots::find_unsettled() {
  const slot_set none(l_.out.slots.size());
  unsettled_.resize(l_.out.stages.size());
  for (std::size_t split : fans_.from_inside_out())
    unsettled_[split].assign(l_.out.stages[split].split->all.size(), none);
  auto gather = [&](std::size_t stage) {
    slot_set slots = none;
    const stage_node& node = l_.out.stages[stage];
    for (std::size_t i = 0; i < node.out.size(); ++i)
      if (node.ports.out[i].optional && !node.each) slots.add(node.out[i]);
    for (const slot_set& inner : unsettled_[stage]) slots.unite(inner);
    for (std::size_t branch : fans_.branches_of(stage))
      unsettled_[fans_.around(stage)][branch].unite(slots);
  };
  // What a fan-out within a branch does is known before it is added to the branch.
  for (std::size_t i = 0; i < l_.out.stages.size(); ++i)
    if (unsettled_[i].empty()) gather(i);
  for (std::size_t split : fans_.from_inside_out()) gather(split);
}

slot_set written_slots::after(std::size_t stage) const {
  if (l_.unknown[stage].ports) return everything();
  slot_set slots = entry_[stage];
  const stage_node& node = l_.out.stages[stage];
  for (std::size_t i = 0; i < node.out.size(); ++i)
    // An optional output that is left out takes the slot's old value away.
    if (!node.ports.out[i].optional || node.each)
      slots.add(node.out[i]);
    else
      slots.remove(node.out[i]);
  return slots;
}

void written_slots::prove(slot_set& slots, const edge& e, bool outcome) const {
  if (!e.when) return;
  for (const std::string& name : e.when->proves(outcome)) slots.add(l_.find_slot(name));
}

std::vector<slot_set> written_slots::before_edges(std::size_t stage) const {
  std::vector<slot_set> out;
  slot_set slots = after(stage);
  const stage_node& node = l_.out.stages[stage];
  for (std::size_t i = 0; i < node.next.size(); ++i) {
    // What a condition that cannot be read would prove is not known.
    if (l_.spec.stages[stage].next[i].when.given() && !node.next[i].when) slots = everything();
    out.push_back(slots);
    // An edge that is passed by when its `max` is used up proves nothing.
    if (node.next[i].max < 0) prove(slots, node.next[i], false);
  }
  return out;
}

void written_slots::flow_from(std::size_t stage) {
  const stage_node& node = l_.out.stages[stage];
  std::vector<slot_set> edges = before_edges(stage);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    prove(edges[i], node.next[i], true);
    flow(stage, node.next[i].to, edges[i]);
    flow(stage, node.next[i].exhausted, edges[i]);
  }
  if (node.split && !l_.unknown[stage].ways)
    for (std::size_t branch = 0; branch < node.split->all.size(); ++branch) {
      const stage_id head = node.split->all[branch];
      if (fans_.around(static_cast<std::size_t>(head)) != stage) continue;
      slot_set slots = after(stage);
      for (std::size_t other = 0; other < unsettled_[stage].size(); ++other)
        if (other != branch) slots.subtract(unsettled_[stage][other]);
      meet(head, slots);
    }
  flow(stage, node.on_error, entry_[stage]);
  if (node.next.empty() && !node.split && !l_.unknown[stage].ways)
    end_branches(stage, after(stage));
}

void written_slots::flow(std::size_t from, stage_id to, const slot_set& slots) {
  if (to == no_stage) return;
  if (fans_.ends_branch(from, to)) return end_branches(from, slots);
  // A way that leads out of its place has been reported.
  if (fans_.together(from, static_cast<std::size_t>(to))) meet(to, slots);
}

void written_slots::end_branches(std::size_t stage, const slot_set& slots) {
  const stage_id join = fans_.join_around(stage);
  if (join == no_stage) return;
  const std::size_t split = fans_.around(stage);
  bool changed = false;
  for (std::size_t branch : fans_.branches_of(stage))
    changed = branch_end_[split][branch].intersect(slots) || changed;
  if (!changed || !fans_.together(split, static_cast<std::size_t>(join))) return;
  slot_set all(l_.out.slots.size());
  for (const slot_set& end : branch_end_[split]) all.unite(end);
  meet(join, all);
}

void written_slots::meet(stage_id to, const slot_set& slots) {
  const auto stage = static_cast<std::size_t>(to);
  const bool first = open_.empty();
  if ((!entry_[stage].intersect(slots) && !first) || waiting_[stage]) return;
  waiting_[stage] = true;
  open_.push_back(stage);
}

}  // namespace troupe
