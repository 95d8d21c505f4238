#include "dsl/link.hpp"

#include "dsl/check/written.hpp"
#include "dsl/diagnostics.hpp"
#include "dsl/linking.hpp"
#include "dsl/suggest.hpp"
#include "dsl/toml_text.hpp"

namespace troupe {

std::string content_hash(const std::vector<graph_source>& files) {
  // Lengths keep two files from being taken for two others with the same bytes.
  std::string all;
  for (const graph_source& f : files) all += std::to_string(f.text.size()) + ':' + f.text;
  return content_hash(all);
}

std::string content_hash(std::string_view text) {
  // Offset basis and prime of the 128-bit FNV-1a (Fowler, Noll, Vo).
  __extension__ using wide = unsigned __int128;
  wide hash = (wide{0x6c62272e07bb0142} << 64) | 0x62b821756295c58d;
  const wide prime = (wide{1} << 88) | 0x13b;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  std::string digits;
  for (int shift = 124; shift >= 64; shift -= 4)
    digits += "0123456789abcdef"[static_cast<std::size_t>(hash >> shift) & 15];
  return digits;
}

slot_id linking::intern(std::string_view name) {
  auto [it, is_new] =
      slot_ids.try_emplace(std::string(name), static_cast<slot_id>(slot_ids.size()));
  if (is_new) {
    out.slots.emplace_back(name);
    out.slot_types.push_back(slot_type::any);
  }
  return it->second;
}

slot_id linking::find_slot(std::string_view name) const {
  auto it = slot_ids.find(std::string(name));
  return it == slot_ids.end() ? no_slot : it->second;
}

stage_id linking::find_stage(std::string_view name) const {
  auto it = stage_ids.find(std::string(name));
  return it == stage_ids.end() ? no_stage : it->second;
}

const std::vector<std::string>& linking::readable_slots() const {
  if (slots_seen_ == out.slots.size() && items_seen_ == item_slots.size()) return readable_slots_;
  slots_seen_ = out.slots.size();
  items_seen_ = item_slots.size();
  readable_slots_.clear();
  for (const std::string& name : out.slots)
    if (!item_slots.contains(name)) readable_slots_.push_back(name);
  return readable_slots_;
}

std::string_view linking::likely(std::string_view name,
                                 const std::vector<std::string>& names) const {
  if (comparisons_left_ < names.size()) return {};
  comparisons_left_ -= names.size();
  return nearest_name(name, names);
}

std::string linking::hint_for(std::string_view name, const std::vector<std::string>& names) const {
  if (comparisons_left_ < names.size()) return {};
  comparisons_left_ -= names.size();
  return suggest(name, names);
}

source_range linking::inside(const source_range& literal, std::size_t offset,
                             std::size_t length) const {
  const std::string_view text =
      literal.file < spec.sources.size() ? spec.sources[literal.file].text : spec.text;
  std::vector<std::size_t>& starts = line_starts_[literal.file];
  if (starts.empty()) {
    starts.push_back(0);
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1))
      starts.push_back(at + 1);
  }
  if (!literal.known() || literal.line > starts.size()) return literal;
  source_range at = literal;
  at.line = 1;
  at = inside_string(text.substr(starts[literal.line - 1]), at, offset, length);
  at.line += literal.line - 1;
  at.file = literal.file;
  return at;
}

bool linking::is_no_slot(std::string_view name) const {
  if (find_slot(name) != no_slot && !item_slots.contains(name)) return false;
  return !some_ports_unknown || !likely(name, readable_slots()).empty();
}

slot_id linking::slot(const located<std::string>& name, std::string_view purpose) {
  if (!name.given()) return no_slot;
  slot_id id = find_slot(*name);
  if (id != no_slot && !item_slots.contains(*name)) return id;
  if (is_no_slot(*name))
    report("unknown-slot",
           "there is no slot `" + *name + "`" + (purpose.empty() ? "" : " ") +
               std::string(purpose) + ": no stage writes it and no input supplies it",
           name.at, hint_for(*name, readable_slots()));
  return no_slot;
}

const std::vector<std::string>& linking::stage_names() const {
  if (stage_names_.empty())
    for (const auto& s : spec.stages) stage_names_.push_back(*s.name);
  return stage_names_;
}

stage_id linking::stage(const located<std::string>& name, std::string_view purpose) {
  if (!name.given()) return no_stage;
  stage_id id = find_stage(*name);
  if (id != no_stage) return id;
  const std::vector<std::string>& names = stage_names();
  report("unknown-target", "there is no stage `" + *name + "` " + std::string(purpose), name.at,
         hint_for(*name, names));
  if (auto near = likely(*name, names); !near.empty())
    guessed.push_back(find_stage(near));
  else
    some_ways_unknown = true;
  return no_stage;
}

namespace {

/// What follows from where runs can go.
void check_flow(linking& l) {
  const fan_outs fans(l);
  const written_slots written(l, fans);
  check_reach(l);
  check_cycles(l);
  check_ends(l);
  check_edges(l, written);
  check_fan_outs(l, fans);
  check_data_flow(l, fans, written);
  check_streams(l, fans);
}

}  // namespace

link_result link_graph(const graph_spec& spec, const registry& types, spec_state state) {
  linking l(spec, types);
  l.out.name = *spec.name;
  l.out.hash = content_hash(spec.text);
  l.out.file = spec.file;
  l.out.text = spec.text;
  if (spec.number == 0 && spec.sources.size() > 1) {
    l.out.inner.assign(spec.sources.begin() + 1, spec.sources.end());
    l.out.hash = content_hash(spec.sources);
  }
  l.out.deadline = *spec.deadline;
  // A deadline that could not be read stands there as the default.
  l.deadline_unknown = state == spec_state::has_gaps && !spec.deadline.given();
  if (spec.token_budget) l.out.token_budget = **spec.token_budget;
  l.out.busy = *spec.busy;
  l.out.left = *spec.left;
  l.out.models = spec.models;
  for (const auto& s : spec.stages) {
    l.stage_ids.try_emplace(*s.name, static_cast<stage_id>(l.out.stages.size()));
    l.out.stages.emplace_back();
    l.out.stages.back().name = *s.name;
  }

  link_parameters(l);
  link_writers(l);
  link_readers(l);
  link_policies(l);
  link_flow(l);
  link_regions(l);
  link_contexts(l);
  check_models(l);
  check_secrets(l);
  check_templates(l);
  check_limits(l);
  check_loops(l);
  check_flow(l);

  const bool whole =
      state == spec_state::whole && l.out.start != no_stage && l.out.output != no_slot;
  if (whole && !has_errors(l.findings)) {
    check_bound(l);
    check_unused(l);
  }

  link_result result;
  if (whole && !has_errors(l.findings))
    result.graph = std::make_shared<const graph>(std::move(l.out));
  sort_by_place(l.findings);
  result.findings = std::move(l.findings);
  return result;
}

}  // namespace troupe
