// Edges that no run can take, and stages that a run may find no edge to leave by.

#include "dsl/check/possible.hpp"
#include "dsl/check/written.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Steps of search spent on one graph; what is not found by then is taken for possible.
constexpr std::int64_t patience_per_graph = 3'000'000;

class edge_check {
 public:
  edge_check(linking& l, const written_slots& written, std::size_t stage, std::int64_t& patience)
      : l_(l),
        spec_(l.spec.stages[stage]),
        node_(l.out.stages[stage]),
        written_(written.before_edges(stage)),
        patience_(patience),
        space_(types(), outcomes::oddities::possible),
        plain_space_(types(), outcomes::oddities::ruled_out) {}

  void run() {
    for (index_ = 0; index_ < node_.next.size(); ++index_) {
      const edge& e = node_.next[index_];
      if (!always_)
        check(e);
      else
        report("the one to `" + *always_->to + "` before it has no condition",
               spec_.next[index_].at, "edges are tried in order; put the one without `when` last");
      // A bounded edge without `exhausted` is passed by when it is used up; the others take
      // every run for which their condition holds.
      const bool takes_all = e.max < 0 || spec_.next[index_].exhausted.given();
      if (!takes_all || is_mistaken(e)) continue;
      if (!e.when) {
        if (!always_) always_ = &spec_.next[index_];
        continue;
      }
      passed_.push_back({condition_, false});
      plain_passed_.push_back({plain_condition_, false});
      of_passed_.push_back(index_);
    }
  }

  /// True if for all that is known a run may find no edge.
  bool may_be_stuck() {
    return !node_.next.empty() && !always_ &&
           possible(plain_space_, plain_passed_, node_.next.size() - 1) && patience_ > 0;
  }

 private:
  /// Its condition has been reported as wrong.
  bool is_mistaken(const edge& e) const {
    if (!e.when) return spec_.next[index_].when.given();
    const auto type_of = types();
    return !e.when->check([&](std::string_view name) { return std::optional(type_of(name)); })
                .empty() ||
           std::ranges::any_of(e.when->reads(), [&](const std::string& name) {
             return l_.find_slot(name) == no_slot;
           });
  }

  std::function<slot_type(std::string_view)> types() const {
    return [this](std::string_view name) {
      const slot_id id = l_.find_slot(name);
      return id == no_slot ? slot_type::any : l_.type_of(id);
    };
  }

  bool possible(outcomes& space, const std::vector<outcomes::outcome>& wanted, std::size_t edge) {
    auto is_certain = [&](std::string_view name) {
      const slot_id id = l_.find_slot(name);
      return id != no_slot && written_[edge].has(id);
    };
    return space.possible(wanted, is_certain, patience_);
  }

  void report(const std::string& why, source_range at, std::string hint) {
    l_.report("unreachable-edge", "this edge can never be taken: " + why, at, std::move(hint));
  }

  void check(const edge& e) {
    const edge_spec& spec = spec_.next[index_];
    if (is_mistaken(e)) return;
    std::vector<outcomes::outcome> wanted = passed_;
    if (e.when) {
      condition_ = space_.add(*e.when);
      plain_condition_ = plain_space_.add(*e.when);
      if (!possible(space_, {{condition_, true}}, index_))
        return report("its condition is never true", spec.when.at, "");
      wanted.push_back({condition_, true});
    }
    if (passed_.empty() || possible(space_, wanted, index_)) return;
    const source_range at = e.when ? spec.when.at : spec.at;
    for (std::size_t i = 0; i < passed_.size(); ++i) {
      wanted = {passed_[i]};
      if (e.when) wanted.push_back({condition_, true});
      if (!possible(space_, wanted, index_))
        return report("the one to `" + *spec_.next[of_passed_[i]].to + "` before it is taken " +
                          (e.when ? "whenever its condition holds" : "in every case"),
                      at, "edges are tried in order; put the narrower condition first");
    }
    report("those before it are taken in every case", at,
           "take it out, or narrow their conditions");
  }

  linking& l_;
  const stage_spec& spec_;
  const stage_node& node_;
  std::vector<slot_set> written_;  ///< by edge, where it is about to be tried
  std::int64_t& patience_;
  outcomes space_, plain_space_;
  std::vector<outcomes::outcome> passed_, plain_passed_;
  std::vector<std::size_t> of_passed_;  ///< their edges
  std::size_t index_ = 0, condition_ = 0, plain_condition_ = 0;
  const edge_spec* always_ = nullptr;
};

void warn_of_no_edge(linking& l, std::size_t stage) {
  const edge_spec& last = l.spec.stages[stage].next.back();
  const std::string name = "stage `" + *l.spec.stages[stage].name + "`";
  if (!last.when.given())
    return l.warn("no-edge-left",
                  "when `max` is used up " + name + " has no edge left, and the run fails", last.at,
                  "say where to go then: `exhausted`, or one more edge behind this one");
  l.warn("no-edge-left", "a run for which no condition of " + name + " holds fails there",
         last.when.at, "let the last edge have no `when`");
}

}  // namespace

void check_edges(linking& l, const written_slots& written) {
  std::int64_t patience = patience_per_graph;
  for (std::size_t i = 0; i < l.out.stages.size(); ++i) {
    edge_check check(l, written, i, patience);
    check.run();
    if (!l.unknown[i].ways && check.may_be_stuck()) warn_of_no_edge(l, i);
  }
}

}  // namespace troupe
