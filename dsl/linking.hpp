#pragma once
// What the parts of the linker share: the graph as far as it is made, and the findings.

#include "pipeline/graph.hpp"

#include <set>

namespace troupe {

struct linking {
  linking(const graph_spec& s, const registry& t) : spec(s), types(t) {}

  const graph_spec& spec;
  const registry& types;
  graph out;  ///< its stages stand in the order of the spec's
  std::vector<diagnostic> findings;
  /// A stage's ports could not be made out, so a slot that nobody seems to write may yet be
  /// written.
  bool some_ports_unknown = false;
  /// Slots that hold the item of an `each` and nothing else.
  std::set<std::string, std::less<>> item_slots;

  void report(std::string kind, std::string message, source_range at, std::string hint = "") {
    findings.push_back({severity::error, std::move(kind), std::move(message), at, std::move(hint)});
  }
  void warn(std::string kind, std::string message, source_range at, std::string hint = "") {
    findings.push_back(
        {severity::warning, std::move(kind), std::move(message), at, std::move(hint)});
  }

  /// The slot's id; a slot that is new gets one.
  slot_id intern(std::string_view name);
  /// Resolves a slot that is read from outside of a stage's item. Reports `unknown-slot` once for
  /// this place; `no_slot` if there is none or none was given. `purpose` goes into the message.
  slot_id slot(const located<std::string>& name, std::string_view purpose);
  /// The slots that somebody writes or supplies.
  std::vector<std::string> readable_slots() const;
  slot_type type_of(slot_id id) const { return out.slot_types[static_cast<std::size_t>(id)]; }
  std::string_view name_of_slot(slot_id id) const {
    return out.slots[static_cast<std::size_t>(id)];
  }

  /// Resolves the name of a stage; reports `unknown-target`.
  stage_id stage(const located<std::string>& name, std::string_view purpose);
  std::vector<std::string> stage_names() const;
};

// The steps of linking, in their order.
void link_parameters(linking& l);  ///< stage types, `with`, ports
void link_writers(linking& l);     ///< which slots there are, and their types
void link_readers(linking& l);     ///< inputs of stages, `each`, output, persist
void link_policies(linking& l);    ///< replicas, timeout, retry, restart, queue, breaker
void link_flow(linking& l);        ///< start, edges, conditions, fan-outs, on_error

// Checks of what was linked.
void check_models(linking& l);
void check_reach(linking& l);
void check_cycles(linking& l);
/// Every slot that is read must be written on every path; only for graphs without errors so far.
void check_data_flow(linking& l);
/// Warns of slots that the graph names and nobody reads; for graphs without errors.
void check_unused(linking& l);

/// Where a run can go from a stage: every way, with the place in the file where it is written.
struct way {
  stage_id to = no_stage;
  bool bounded = false;  ///< by `max`
  source_range at;
};
std::vector<way> ways_from(const linking& l, std::size_t stage);

/// Where the graph says that a stage's input port is read: the rename, the template, or `use`.
source_range place_of_input(const linking& l, std::size_t stage, std::size_t port);

}  // namespace troupe
