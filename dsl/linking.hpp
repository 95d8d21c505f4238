#pragma once
// What the parts of the linker share: the graph as far as it is made, and the findings.

#include "pipeline/graph.hpp"

#include <functional>
#include <map>
#include <set>
#include <unordered_map>

namespace troupe {

/// What is not known of a stage because of a mistake that has been reported. The checks take the
/// unknown for right, so that one mistake is not told twice.
struct unknown_parts {
  bool ports = false;  ///< what it reads and writes
  bool ways = false;   ///< where a run goes from it
};

class fan_outs;
class written_slots;

struct linking {
  linking(const graph_spec& s, const registry& t) : spec(s), types(t), unknown(s.stages.size()) {}

  const graph_spec& spec;
  const registry& types;
  graph out;  ///< its stages stand in the order of the spec's
  std::vector<diagnostic> findings;
  std::vector<unknown_parts> unknown;  ///< by stage
  /// Of some stage, so a slot that nobody seems to write may yet be written.
  bool some_ports_unknown = false;
  /// Of some stage, so one that nothing leads to may yet be reached.
  bool some_ways_unknown = false;
  bool deadline_unknown = false;
  /// Stages that a misspelt name is likely to mean.
  std::vector<stage_id> guessed;
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
  /// `no_slot` if nothing has that name; the same for stages.
  slot_id find_slot(std::string_view name) const;
  stage_id find_stage(std::string_view name) const;
  /// True if nothing has this name, as far as can be known: what is not known of some stage may
  /// write it, unless the name looks like a slip of another.
  bool is_no_slot(std::string_view name) const;
  /// Resolves a slot that is read from outside of a stage's item. Reports `unknown-slot` once for
  /// this place; `no_slot` if there is none or none was given. `purpose` goes into the message.
  slot_id slot(const located<std::string>& name, std::string_view purpose);
  /// The slots that somebody writes or supplies.
  const std::vector<std::string>& readable_slots() const;
  slot_type type_of(slot_id id) const { return out.slot_types[static_cast<std::size_t>(id)]; }
  std::string_view name_of_slot(slot_id id) const {
    return out.slots[static_cast<std::size_t>(id)];
  }

  /// Resolves the name of a stage; reports `unknown-target`.
  stage_id stage(const located<std::string>& name, std::string_view purpose);
  const std::vector<std::string>& stage_names() const;
  /// Hints for an unknown name (see suggest.hpp). After many in large files there are none: each
  /// compares the name with all others.
  std::string hint_for(std::string_view name, const std::vector<std::string>& names) const;
  std::string_view likely(std::string_view name, const std::vector<std::string>& names) const;

  /// Where a part of a text's content stands in the file, see `inside_string`.
  source_range inside(const source_range& literal, std::size_t offset, std::size_t length) const;

  void lost_ports(std::size_t stage) { unknown[stage].ports = some_ports_unknown = true; }

  std::unordered_map<std::string, slot_id> slot_ids;
  std::unordered_map<std::string, stage_id> stage_ids;

 private:
  mutable std::vector<std::string> readable_slots_, stage_names_;
  mutable std::size_t slots_seen_ = 0, items_seen_ = 0;
  mutable std::size_t comparisons_left_ = 300'000;
  mutable std::map<std::uint32_t, std::vector<std::size_t>> line_starts_;  ///< by file
};

// The steps of linking, in their order.
void link_parameters(linking& l);  ///< stage types, `with`, ports
void link_writers(linking& l);     ///< which slots there are, and their types
void link_readers(linking& l);     ///< inputs of stages, `each`, output, persist
void link_policies(linking& l);    ///< replicas, timeout, retry, restart, queue, breaker
void link_flow(linking& l);        ///< start, edges, conditions, fan-outs, on_error

void link_regions(linking& l);  ///< sub-graphs with limits of their own

void link_contexts(linking& l);  ///< how many tokens a call of each model can hold

// Checks of what was linked. Each leaves out what a mistake that was reported keeps it from seeing.
void check_models(linking& l);
void check_secrets(linking& l);
/// Placeholders that take a key of a text, a number or a bool.
void check_templates(linking& l);
void check_limits(linking& l);  ///< timeouts, retries, budget
void check_reach(linking& l);
/// Edges that no run can take, and stages where a run may find none.
void check_edges(linking& l, const written_slots& written);
void check_cycles(linking& l);
void check_loops(linking& l);  ///< `best_by`, `plateau`
void check_ends(linking& l);   ///< stages that lead to no end
void check_fan_outs(linking& l, const fan_outs& fans);
/// Every slot that is read must be written on every path.
void check_data_flow(linking& l, const fan_outs& fans, const written_slots& written);
void check_streams(linking& l, const fan_outs& fans);
/// Warns of slots that the graph names and nobody reads; for graphs without unknown parts.
void check_unused(linking& l);

/// A run must not be able to come to more stages than the executor allows; for graphs without
/// errors.
void check_bound(linking& l);

/// Where a run can go from a stage: every way, with the place in the file where it is written.
struct way {
  enum class kind : std::uint8_t { edge, exhausted, branch, join, on_error };
  stage_id to = no_stage;
  bool bounded = false;  ///< by `max`
  source_range at;
  kind what = kind::edge;
};
std::vector<way> ways_from(const linking& l, std::size_t stage);

/// By stage: whether a run that is at `from` can come there by ways that `follow` lets through;
/// `from` itself is in only if a way leads back to it.
std::vector<bool> stages_behind(const linking& l, std::size_t from,
                                const std::function<bool(const way&)>& follow);

/// Where the graph says that a stage's input port is read: the rename, the template, or `use`.
source_range place_of_input(const linking& l, std::size_t stage, std::size_t port);
/// Where it says that a stage writes a slot: the rename, or `use`.
source_range place_of_output(const linking& l, std::size_t stage, slot_id slot);

}  // namespace troupe
