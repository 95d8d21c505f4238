#include "dsl/check/written.hpp"

namespace troupe {

written_slots::written_slots(const linking& l)
    : l_(l),
      branches_(find_branches(l)),
      entry_(l.out.stages.size(), slot_set(l.out.slots.size(), true)),
      branch_end_(branches_.size(), slot_set(l.out.slots.size(), true)),
      trunk_(reachable_in_line(l, l.out.start, no_stage)),
      waiting_(l.out.stages.size()) {
  slot_set inputs(l.out.slots.size());
  for (const graph_input& in : l.out.inputs) inputs.add(in.slot);
  meet(l.out.start, inputs);
  // A stage whose entry set shrank flows again; sets only shrink, so this ends.
  for (std::size_t next = 0; next < open_.size(); ++next) {
    std::size_t stage = open_[next];
    waiting_[stage] = false;
    flow_from(stage);
  }
}

slot_set written_slots::after(std::size_t stage) const {
  slot_set slots = entry_[stage];
  const stage_node& node = l_.out.stages[stage];
  for (std::size_t i = 0; i < node.out.size(); ++i)
    if (!node.ports.out[i].optional || node.each) slots.add(node.out[i]);
  return slots;
}

void written_slots::prove(slot_set& slots, const edge& e, bool outcome) const {
  if (!e.when) return;
  for (const std::string& name : e.when->proves(outcome)) slots.add(l_.out.find_slot(name));
}

slot_set written_slots::before_edge(std::size_t stage, std::size_t index) const {
  slot_set slots = after(stage);
  // A bounded edge is also passed by when its `max` is used up, so it proves nothing.
  for (std::size_t i = 0; i < index; ++i)
    if (const edge& e = l_.out.stages[stage].next[i]; e.max < 0) prove(slots, e, false);
  return slots;
}

void written_slots::flow_from(std::size_t stage) {
  const stage_node& node = l_.out.stages[stage];
  for (std::size_t i = 0; i < node.next.size(); ++i) {
    slot_set slots = before_edge(stage, i);
    prove(slots, node.next[i], true);
    flow(stage, node.next[i].to, slots);
    if (node.next[i].exhausted != no_stage) flow(stage, node.next[i].exhausted, slots);
  }
  if (node.split)
    for (stage_id head : node.split->all) meet(head, after(stage));
  if (node.on_error != no_stage) flow(stage, node.on_error, entry_[stage]);
  if (node.next.empty() && !node.split)
    for (std::size_t b = 0; b < branches_.size(); ++b)
      if (branches_[b].inside[stage]) end_branch(b, after(stage));
}

void written_slots::flow(std::size_t from, stage_id to, const slot_set& slots) {
  bool ends_a_branch = false;
  for (std::size_t b = 0; b < branches_.size(); ++b) {
    if (branches_[b].join != to || !branches_[b].inside[from]) continue;
    ends_a_branch = true;
    end_branch(b, slots);
  }
  if (!ends_a_branch) meet(to, slots);
}

void written_slots::end_branch(std::size_t ended, const slot_set& slots) {
  if (!branch_end_[ended].intersect(slots)) return;
  slot_set all(l_.out.slots.size());
  for (std::size_t b = 0; b < branches_.size(); ++b)
    if (branches_[b].split == branches_[ended].split) all.unite(branch_end_[b]);
  meet(branches_[ended].join, all);
}

void written_slots::meet(stage_id to, const slot_set& slots) {
  auto stage = static_cast<std::size_t>(to);
  bool first = open_.empty();
  if ((!entry_[stage].intersect(slots) && !first) || waiting_[stage]) return;
  waiting_[stage] = true;
  open_.push_back(stage);
}

}  // namespace troupe
