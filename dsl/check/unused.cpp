#include "dsl/linking.hpp"

namespace troupe {

/// Only slots that the graph itself names: those that it renames an output to, and its inputs.
/// Stages write more than a graph needs, and the text of a conversation goes into its history.
void check_unused(linking& l) {
  std::vector<bool> read(l.out.slots.size());
  auto mark = [&](slot_id id) {
    if (id != no_slot) read[static_cast<std::size_t>(id)] = true;
  };
  mark(l.out.output);
  for (slot_id id : l.out.persist) mark(id);
  for (const stage_node& n : l.out.stages) {
    for (slot_id id : n.in) mark(id);
    if (n.each) mark(n.each->over);
    for (const edge& e : n.next) {
      mark(e.best_by);
      if (!e.when) continue;
      for (const auto& name : e.when->reads()) mark(l.find_slot(name));
      for (const auto& name : e.when->asks_defined()) mark(l.find_slot(name));
    }
  }
  auto warn = [&](const located<std::string>& slot, std::string message) {
    if (!read[static_cast<std::size_t>(l.find_slot(*slot))])
      l.warn("unused-slot", std::move(message), slot.at);
  };
  for (const input_spec& in : l.spec.inputs)
    if (*in.name != "text") warn(in.name, "nobody reads the input `" + *in.name + "`");
  for (const stage_spec& stage : l.spec.stages) {
    // What a sub-graph does not need in one place may come out of it in another.
    if (!stage.scope.empty()) continue;
    for (const rename_spec& r : stage.out)
      warn(r.slot,
           "nobody reads the slot `" + *r.slot + "` that stage `" + *stage.name + "` writes");
  }
}

}  // namespace troupe
