#include "pipeline/loop.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Calls `visit` for every stage that a run may enter next.
template <class Visit>
void for_each_successor(const stage_node& n, Visit visit) {
  for (const edge& e : n.next) {
    visit(e.to);
    visit(e.exhausted);
  }
  if (n.split) {
    for (stage_id branch : n.split->all) visit(branch);
    visit(n.split->join);
  }
  visit(n.on_error);
}

/// The stages from which `source` can be reached without passing `head`, and `head`.
std::vector<bool> natural_loop(const graph& g, std::size_t source, stage_id head) {
  std::vector<std::vector<std::size_t>> before(g.stages.size());
  for (std::size_t i = 0; i < g.stages.size(); ++i)
    for_each_successor(g.stages[i], [&](stage_id to) {
      if (to != no_stage) before[static_cast<std::size_t>(to)].push_back(i);
    });
  std::vector<bool> body(g.stages.size());
  body[static_cast<std::size_t>(head)] = true;
  std::vector<std::size_t> open;
  auto add = [&](std::size_t stage) {
    if (body[stage]) return;
    body[stage] = true;
    open.push_back(stage);
  };
  add(source);
  while (!open.empty()) {
    const std::size_t stage = open.back();
    open.pop_back();
    for (std::size_t earlier : before[stage]) add(earlier);
  }
  return body;
}

}  // namespace

loop_state::loop_state(const graph& g, std::size_t source, const edge& e)
    : body_(natural_loop(g, source, e.to)), own_(g.slots.size()), judged_(g.slots.size()) {
  for (std::size_t i = 0; i < g.stages.size(); ++i) {
    const auto& out = g.stages[i].out;
    for (slot_id id : out)
      if (id != no_slot && body_[i]) own_[static_cast<std::size_t>(id)] = true;
    const bool judges = i == source || (e.best_by != no_slot &&
                                        std::find(out.begin(), out.end(), e.best_by) != out.end());
    if (!judges) continue;
    for (slot_id id : out)
      if (id != no_slot) judged_[static_cast<std::size_t>(id)] = true;
  }
}

loop_state::verdict loop_state::arrive(const edge& e, const std::vector<value>& slots,
                                       const std::vector<bool>& written, bool room) {
  auto repeats = [&](const std::vector<value>& earlier) {
    if (earlier.empty()) return false;
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (written[i] && own_[i] && !judged_[i] && !(slots[i] == earlier[i])) return false;
    return true;
  };
  const value* score = e.best_by == no_slot ? nullptr : &slots[static_cast<std::size_t>(e.best_by)];
  const double number = score && score->is_number() ? score->as_number() : 0;
  // Without a score the latest attempt is the best one, unless it says the same again.
  const bool better =
      best_.empty() || ((!score || number > best_score_) && !repeats(previous_) && !repeats(best_));
  ++last_.attempt;
  last_.score = number;
  if (better) {
    last_.best_attempt = last_.attempt;
    last_.best_score = number;
    best_ = slots;
    best_score_ = number;
    no_better_ = 0;
  } else {
    ++no_better_;
  }
  previous_ = slots;
  using end = loop_judgement::end_type;
  last_.end = e.plateau > 0 && no_better_ >= e.plateau ? end::plateau
              : taken_ >= e.max                        ? end::max
              : !room                                  ? end::no_room
                                                       : end::again;
  if (last_.end != end::again) return verdict::exhausted;
  ++taken_;
  return verdict::again;
}

usage_of_round loop_state::longest_round(usage_of_round last) {
  longest_.time = std::max(longest_.time, last.time);
  longest_.tokens = std::max(longest_.tokens, last.tokens);
  return longest_;
}

void loop_state::restore_best(std::vector<value>& slots, const std::vector<bool>& written) const {
  if (best_.empty()) return;
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (written[i] && own_[i]) slots[i] = best_[i];
}

void loop_state::begin_anew() {
  no_better_ = 0;
  last_ = {};
  best_.clear();
  previous_.clear();
}

}  // namespace troupe
