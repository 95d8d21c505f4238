// Text that users see while it grows must not be what a moderating stage decides about later.

#include "dsl/check/written.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// A stage whose type can stream does so unless a parameter `stream` says otherwise.
bool streams(const stage_node& node) {
  if (!node.type || !node.type->streams) return false;
  const value* flag = node.with.find("stream");
  return !flag || flag->type() != slot_type::boolean || flag->as_bool();
}

bool moderates(const stage_node& node) {
  return node.type && (node.type->moderates || node.type->name == "moderate");
}

/// Follows what one stage has streamed from slot to slot: forward, ways meet by union, a stage
/// that reads some of it puts it into all that it writes, and one that does not replaces it.
class stream_trace {
 public:
  stream_trace(const linking& l, const fan_outs& fans, std::size_t source)
      : l_(l),
        fans_(fans),
        source_(source),
        at_entry_(l.out.stages.size(), slot_set(l.out.slots.size())),
        seen_(l.out.stages.size()) {
    seen_[source] = true;
    open_.push_back(source);
    while (!open_.empty()) {
      const std::size_t stage = open_.back();
      open_.pop_back();
      flow_from(stage);
    }
  }

  /// Moderating stages that are given some of it.
  std::vector<std::size_t> moderators() const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < seen_.size(); ++i)
      if (i != source_ && seen_[i] && moderates(l_.out.stages[i]) && reads_it(i)) out.push_back(i);
    return out;
  }

 private:
  bool reads_it(std::size_t stage) const {
    const stage_node& node = l_.out.stages[stage];
    auto has = [&](slot_id id) { return id != no_slot && at_entry_[stage].has(id); };
    return std::ranges::any_of(node.in, has) || (node.each && has(node.each->over));
  }

  void flow_from(std::size_t stage) {
    const stage_node& node = l_.out.stages[stage];
    slot_set after = at_entry_[stage];
    const bool carries = stage == source_ || reads_it(stage);
    for (std::size_t k = 0; k < node.out.size(); ++k) {
      if (carries)
        after.add(node.out[k]);
      else
        after.remove(node.out[k]);
    }
    for (const way& w : ways_from(l_, stage)) {
      // What a failed attempt has streamed is taken back. The join follows the branches.
      if (w.what == way::kind::on_error)
        flow(w.to, at_entry_[stage]);
      else if (w.what != way::kind::join)
        flow(w.to, after);
    }
    if (node.next.empty() && !node.split) flow(fans_.join_around(stage), after);
  }

  void flow(stage_id to, const slot_set& slots) {
    if (to == no_stage) return;
    const auto stage = static_cast<std::size_t>(to);
    const bool grew = at_entry_[stage].unite(slots);
    if (!grew && seen_[stage]) return;
    seen_[stage] = true;
    open_.push_back(stage);
  }

  const linking& l_;
  const fan_outs& fans_;
  std::size_t source_;
  std::vector<slot_set> at_entry_;
  std::vector<bool> seen_;
  std::vector<std::size_t> open_;
};

}  // namespace

void check_streams(linking& l, const fan_outs& fans) {
  if (std::ranges::none_of(l.out.stages, moderates)) return;
  for (std::size_t i = 0; i < l.out.stages.size(); ++i) {
    if (!streams(l.out.stages[i]) || moderates(l.out.stages[i])) continue;
    for (std::size_t moderator : stream_trace(l, fans, i).moderators()) {
      const stage_spec& spec = l.spec.stages[i];
      const located_value* flag = spec.with.find("stream");
      const std::string name = "`" + l.out.stages[moderator].name + "`";
      l.report("streams-before-moderation",
               "stage `" + *spec.name + "` streams its text to the user before stage " + name +
                   " has passed it",
               flag ? flag->at : spec.use.at, "let it not stream: with = { stream = false }");
    }
  }
}

}  // namespace troupe
