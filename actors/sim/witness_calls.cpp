// The promises made to stages, and the bounds that calls must keep.

#include "actors/sim/witness.hpp"

#include <algorithm>

namespace troupe::sim {

namespace {

/// Replicas of one stage that were replaced while they hung (actors/supervisor.cpp).
constexpr int most_hanging = 8;

}  // namespace

int witness::recorded_crashes(const std::string& run, std::int64_t task) const {
  const auto steps = read_steps(records_, run);
  if (!steps) return 0;
  return static_cast<int>(std::count_if(steps->begin(), steps->end(), [task](const step& s) {
    return s.what == step::kind::failed && s.task == task && s.failure.code == errc::crashed;
  }));
}

std::uint64_t witness::call_begins(const run_context& context) {
  const call_info& info = context.info();
  const graph& plan = plan_of(info.run.str());
  const auto id = plan.find_stage(info.stage.str());
  if (id == no_stage) {
    complain("stage `" + info.stage.str() + "` is not in the graph");
    return 0;
  }
  const auto index = static_cast<std::size_t>(id);
  const stage_node& n = plan.stages[index];
  const auto number = next_call_++;
  const place where(plan.hash, index);
  auto of = [&] { return "stage `" + n.name + "`, run " + info.run.str() + ": "; };
  for (const auto& [other, call] : calls_)
    if (call.conversation == info.conversation.str() && !call.conversation.empty() &&
        call.run != info.run.str() && !call.stop.stop_requested())
      complain(of() + "run " + call.run + " of the same conversation is not over");
  if (int& seen = crashes_[{info.run.str(), info.task}]; seen >= 2) {
    // After a refused write a run goes on from its last record, and such tasks begin anew.
    seen = recorded_crashes(info.run.str(), info.task);
    if (seen >= 2)
      complain(of() + "task " + std::to_string(info.task) + " has brought it down twice already");
  }
  look_at_breaker(where, n);
  calls_.emplace(number, open_call{info.run.str(), info.conversation.str(), info.task,
                                   context.stop(), plan.hash, index, info.tokens_left});
  ++totals.calls;
  // One that hangs is replaced, and its call is in for as long as it likes; nobody waits for it.
  const int bound = n.replicas + n.queue, in = ++out_[where];
  const auto wanted = std::count_if(calls_.begin(), calls_.end(), [&](const auto& c) {
    return place(c.second.hash, c.second.stage) == where && !c.second.stop.stop_requested();
  });
  if (wanted > bound || in > bound + most_hanging)
    complain(of() + std::to_string(in) + " calls are in, " + std::to_string(wanted) +
             " of them waited for; its bound is " + std::to_string(bound));
  // A crash is tried once more even without retries.
  if (info.attempt > std::max(n.retry.attempts, 2))
    complain(of() + "attempt " + std::to_string(info.attempt) + " of at most " +
             std::to_string(n.retry.attempts));
  if (info.deadline != time_point::max() &&
      info.deadline - world_.time.now() > std::min(n.timeout, plan.deadline))
    complain(of() + "it has more time than timeout and deadline allow");
  if (plan.token_budget >= 0 && (info.tokens_left < 0 || info.tokens_left > plan.token_budget))
    complain(of() + "it may use " + std::to_string(info.tokens_left) + " tokens of a budget of " +
             std::to_string(plan.token_budget));
  return number;
}

/// After so many failures in a row no call may come for a while.
void witness::look_at_breaker(const place& where, const stage_node& n) {
  const row_of_failures& row = failures_[where];
  const auto now = world_.time.now();
  // What was sent before the last failure comes at the same time; and of an answer that comes
  // together with its timeout only the conversation knows whether it counts.
  if (n.breaker.failures > 0 && row.length > n.breaker.failures + 1 && now > row.last &&
      now < row.last + n.breaker.open)
    complain("stage `" + n.name + "` is called after " + std::to_string(row.length) +
             " failures in a row; its breaker must be open");
}

void witness::call_ends(std::uint64_t call, usage used, answer how) {
  auto it = calls_.find(call);
  if (it == calls_.end()) return;
  const open_call& c = it->second;
  const place where(c.hash, c.stage);
  --out_[where];
  // While the process dies, calls crash that nobody will answer for.
  if (how == answer::crash && up_) ++crashes_[{c.run, c.task}];
  if (how == answer::good) failures_[where] = {};
  if (how == answer::bad || how == answer::crash) {
    ++failures_[where].length;
    failures_[where].last = world_.time.now();
  }
  if (c.tokens_left >= 0 && used.tokens > c.tokens_left)
    complain("stage `" + stage_name(c) + "` used " + std::to_string(used.tokens) + " tokens of " +
             std::to_string(c.tokens_left));
  calls_.erase(it);
}

}  // namespace troupe::sim
