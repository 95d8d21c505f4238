// What must be on record when nothing is left to do.

#include "actors/sim/witness.hpp"
#include "pipeline/executor.hpp"
#include "pipeline/journal.hpp"
#include "pipeline/retry.hpp"

namespace troupe::sim {

namespace {

/// A timer may come late: jobs are looked after every 50 ms, and the scheduler takes its time.
constexpr duration slack = std::chrono::milliseconds(500);

/// The time that counts against the deadline: without the pauses in which no process was there.
std::optional<duration> time_at_work(const std::vector<step>& steps) {
  duration sum{0};
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (steps[i].what == step::kind::suspended) return std::nullopt;  // it rests from here on
    if (steps[i].what != step::kind::resumed) sum += steps[i].at - steps[i - 1].at;
  }
  return sum;
}

std::size_t keys(const store& s, family f) {
  std::size_t n = 0;
  (void)s.scan(f, "", "", [&](auto, auto) {
    ++n;
    return true;
  });
  return n;
}

/// How often a bounded edge may be taken at most, if all other loops lead back into its own.
double most_rounds(const graph& plan, const edge& which) {
  double most = which.max;
  for (const stage_node& n : plan.stages)
    for (const edge& e : n.next)
      if (e.max >= 0 && e.counter != which.counter) most *= e.max + 1;
  return most;
}

}  // namespace

void witness::audit_run(const std::string& run, const std::string& conversation) {
  auto of = [&] { return "run " + run + ": "; };
  auto found = read_run(records_, run);
  if (!found || !*found) return complain(of() + "it was accepted and is lost");
  const run_record& r = **found;
  if (r.conversation != conversation) return complain(of() + "it changed its conversation");
  const bool good = r.state == run_status::state_type::finished;
  if (!good && r.state != run_status::state_type::failed)
    return complain(of() + "it was accepted and never ended");
  ++(good ? totals.finished : totals.failed);
  auto dead = records_.get(family::dead_letters, run);
  const bool belongs = !good && r.failure->code != errc::cancelled;
  if (dead && dead->has_value() != belongs)
    complain(of() + (belongs ? "it failed and is no dead letter" : "it is a dead letter"));

  auto steps = read_steps(records_, run);
  if (!steps) return complain(of() + steps.error().message);
  const graph& plan = plan_of_(r.graph_hash);
  // As long as the executor lives, so does the version.
  executor replayed({std::shared_ptr<void>(), &plan}, mix(std::hash<std::string>()(run), 0));
  outbox out;
  out.traced = true;
  std::map<int, double> rounds;
  std::int64_t tokens = 0;
  for (const step& s : *steps) {
    out.clear();
    tokens += s.used.tokens;
    replayed.apply(s, out);
    for (const route_note& n : out.routes)
      if (n.why == route_note::cause::again)
        ++rounds[plan.stages[static_cast<std::size_t>(n.from)]
                     .next[static_cast<std::size_t>(n.edge)]
                     .counter];
  }
  if (!replayed.ended()) return complain(of() + "its steps do not lead to its end");
  if ((replayed.state() == executor::status::finished) != good ||
      (good && !(replayed.reply() == r.reply)))
    return complain(of() + "its steps lead to another end than it had");
  if (plan.token_budget >= 0 && tokens > plan.token_budget)
    complain(of() + "it used " + std::to_string(tokens) + " tokens of " +
             std::to_string(plan.token_budget));
  if (auto worked = time_at_work(*steps); worked && *worked > plan.deadline + slack)
    complain(of() + "it took " + std::to_string(worked->count() / 1000) + " ms; its deadline is " +
             std::to_string(plan.deadline.count() / 1000) + " ms");
  for (const stage_node& n : plan.stages)
    for (const edge& e : n.next)
      if (e.counter >= 0 && rounds[e.counter] > most_rounds(plan, e))
        complain(of() + "it went round a loop of `" + n.name + "` more often than it may");
}

void witness::audit_conversation(const std::string& conversation) {
  std::vector<std::pair<std::uint64_t, std::string>> finished;
  for (const auto& [run, name] : accepted_)
    if (name == conversation)
      if (auto r = read_run(records_, run); r && *r && !(*r)->failure)
        finished.emplace_back((*r)->order, run);
  std::sort(finished.begin(), finished.end());
  auto turns = read_turns(records_, conversation, finished.size() + 1, finished.size() + 1);
  if (!turns) return complain(turns.error().message);
  // A run whose `accepted` got lost on the way is in the history too.
  std::size_t next = 0;
  for (const turn_record& t : *turns)
    if (next < finished.size() && finished[next].second == t.run) ++next;
  if (next < finished.size())
    complain("the history of `" + conversation + "` lacks run " + finished[next].second);
}

void witness::audit_ends() {
  std::map<std::string, int> ends;
  (void)records_.scan(family::events, "", "", [&](std::string_view key, std::string_view json) {
    const auto ended = end_told(past_event(number_of_key(key), std::string(json)));
    if (ended && ++ends[ended->run] > 1)
      complain("run " + ended->run + " has two ends in its events");
    return true;
  });
  for (const auto& [run, conversation] : accepted_)
    if (!conversation.empty() && ends[run] == 0)
      complain("run " + run + " has no end in the events of `" + conversation + "`");
}

void witness::audit_leftovers() {
  for (family f : {family::active, family::reviews, family::timers})
    if (const auto n = keys(records_, f); n > 0)
      complain(std::to_string(n) + " entries are left in `" + std::string(name_of(f)) + "`");
  if (!calls_.empty())
    complain("a call of stage `" + stage_name(calls_.begin()->second) + "` was never answered");
}

void witness::audit() {
  std::set<std::string> conversations;
  for (const auto& [run, conversation] : accepted_) {
    audit_run(run, conversation);
    if (!conversation.empty()) conversations.insert(conversation);
  }
  for (const std::string& c : conversations) audit_conversation(c);
  audit_ends();
  audit_leftovers();
}

}  // namespace troupe::sim
