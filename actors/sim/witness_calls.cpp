// The promises made to stages, and the bounds that calls must keep.

#include "actors/sim/witness.hpp"

namespace troupe::sim {

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
  calls_.emplace(number,
                 open_call{info.run.str(), context.stop(), plan.hash, index, info.tokens_left});
  ++totals.calls;
  auto of = [&] { return "stage `" + n.name + "`, run " + info.run.str() + ": "; };
  if (const int in = ++out_[{plan.hash, index}]; in > n.replicas + n.queue)
    complain(of() + std::to_string(in) + " calls are in; its bound is " +
             std::to_string(n.replicas + n.queue));
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

void witness::call_ends(std::uint64_t call, usage used) {
  auto it = calls_.find(call);
  if (it == calls_.end()) return;
  const open_call& c = it->second;
  --out_[{c.hash, c.stage}];
  if (c.tokens_left >= 0 && used.tokens > c.tokens_left)
    complain("stage `" + stage_name(c) + "` used " + std::to_string(used.tokens) + " tokens of " +
             std::to_string(c.tokens_left));
  calls_.erase(it);
}

}  // namespace troupe::sim
