#pragma once
// The steps of a run that has ended, looked at without taking the executor's word for it: what a
// stage answered, what was called next, and what the graph says about that. The executor is given
// each step too, because it alone knows where the run went.

#include "pipeline/executor.hpp"

#include <functional>
#include <map>
#include <set>

namespace troupe::sim {

class step_audit {
 public:
  using complain_function = std::function<void(const std::string& what)>;
  step_audit(const graph& plan, complain_function complain);

  /// `before`: the slots before `s`; `run` and `out`: the executor after it, traced.
  void follow(const step& s, const std::vector<value>& before, const executor& run,
              const outbox& out);

  std::int64_t tokens() const noexcept { return tokens_; }
  /// The last answer of a stage, if it was a good one; for an `each` that of the last item.
  const frame* last_answer(stage_id stage) const;

 private:
  struct open_task {
    stage_id stage = no_stage;
    std::int64_t item = -1;
  };
  using answers = std::map<stage_id, frame>;
  /// The attempts of a loop since the run came into it.
  struct rounds {
    int no_better = 0;
    bool begun = false;
    double best = 0;
    answers said, previous, best_said;
  };
  const stage_node& node(stage_id id) const { return plan_.stages[static_cast<std::size_t>(id)]; }
  void look_at_answer(const step& s);
  void look_at_calls(const step& s, const outbox& out);
  void look_at_items(const executor& run, const outbox& out);
  void look_at_join(stage_id joined);
  void look_at_way(const route_note& way, const step& s, const std::vector<value>& before,
                   const executor& run);
  void look_at_round(const stage_node& from, const edge& e, rounds& r, double score);
  void look_at_best(const stage_node& from, const edge& e, const rounds& r, const executor& run);
  std::set<stage_id> branches_of(const stage_node& split) const;

  const graph& plan_;
  complain_function complain_;
  std::int64_t tokens_ = 0;
  std::map<std::int64_t, open_task> open_;
  std::map<std::int64_t, open_task> known_;  ///< all tasks there ever were
  std::map<std::int64_t, time_point> failed_at_;
  std::map<stage_id, std::map<std::int64_t, frame>> items_;
  answers answers_;
  std::map<int, rounds> loops_;  ///< by the counter of their edge
  std::map<int, int> taken_;     ///< how often, in the whole run
};

}  // namespace troupe::sim
