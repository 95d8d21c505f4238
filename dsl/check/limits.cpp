// Times and tokens that cannot fit: timeouts and retries into the deadline, an answer's tokens into
// the budget.

#include "dsl/linking.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// All pauses between the attempts of a stage, each as long as it can get without jitter.
duration longest_pauses(const retry_policy& retry) {
  duration sum{0}, pause = retry.backoff_min;
  for (int made = 1; made < retry.attempts; ++made) {
    sum += std::min(pause, retry.backoff_max);
    if (pause < retry.backoff_max) pause *= 2;
  }
  return sum;
}

std::string deadline_of(const linking& l) {
  return "the run's deadline of " + format_duration(l.out.deadline) +
         (l.spec.deadline.given() ? "" : ", which is the default");
}

/// True if it was too long by itself.
bool check_timeout(linking& l, const stage_spec& spec) {
  if (!spec.timeout.given() || *spec.timeout <= l.out.deadline) return false;
  l.report("timeout-above-deadline",
           "the timeout of " + format_duration(*spec.timeout) + " is longer than " + deadline_of(l),
           spec.timeout.at, "shorten it, or raise `deadline` in [graph]");
  return true;
}

void check_retries(linking& l, const stage_spec& spec, const stage_node& node) {
  const retry_policy& retry = node.retry;
  if (!spec.retry || retry.attempts < 2) return;
  const bool after_timeout = std::ranges::count(retry.on, errc::timeout) > 0;
  const duration pauses = longest_pauses(retry);
  duration all = pauses;
  std::string what = "the pauses between " + std::to_string(retry.attempts) + " attempts take " +
                     format_duration(pauses);
  if (spec.timeout.given() && after_timeout) {
    all += *spec.timeout * retry.attempts;
    what = std::to_string(retry.attempts) + " attempts of " + format_duration(*spec.timeout) +
           " with pauses of " + format_duration(pauses) + " in all take " + format_duration(all);
  }
  if (all <= l.out.deadline) return;
  const source_range at = spec.retry->attempts.given() ? spec.retry->attempts.at : spec.retry->at;
  l.report("retries-above-deadline", what + ", longer than " + deadline_of(l), at,
           "allow fewer attempts, a shorter `timeout` or `backoff`, or a longer `deadline`");
}

/// A stage that asks an engine and says how long an answer may get.
void check_budget(linking& l, const stage_spec& spec, const stage_node& node) {
  if (l.out.token_budget < 0 || !node.type) return;
  const bool asks = std::ranges::any_of(node.type->params, [](const param& p) {
    return p.meaning == param::meaning_type::engine_name;
  });
  const value* longest = node.with.find("max_tokens");
  if (!asks || !longest || longest->type() != slot_type::integer ||
      longest->as_int() <= l.out.token_budget)
    return;
  const located_value* given = spec.with.find("max_tokens");
  l.report("budget-too-small",
           "one answer of stage `" + node.name + "` may take " + longest->to_text() +
               " tokens (`max_tokens`), but the budget of a whole run is " +
               std::to_string(l.out.token_budget),
           given ? given->at : l.spec.token_budget->at,
           "raise `budget`, or lower `max_tokens`; prompts count too");
}

}  // namespace

void check_limits(linking& l) {
  for (std::size_t i = 0; i < l.out.stages.size(); ++i) {
    if (!l.deadline_unknown && !check_timeout(l, l.spec.stages[i]))
      check_retries(l, l.spec.stages[i], l.out.stages[i]);
    check_budget(l, l.spec.stages[i], l.out.stages[i]);
  }
}

}  // namespace troupe
