// What must be on record when nothing is left to do.

#include "actors/sim/step_audit.hpp"
#include "actors/sim/witness.hpp"
#include "pipeline/retry.hpp"

#include <boost/json.hpp>

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

/// The stage whose failure ended a run, by the words of its failure.
const stage_node* stage_that_failed(const graph& plan, const error& failure) {
  for (const stage_node& n : plan.stages)
    if (failure.message.starts_with("stage `" + n.name + "` failed: ")) return &n;
  return nullptr;
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
  audit_steps(r, plan_of_(r.graph_hash), *steps);
}

void witness::audit_steps(const run_record& r, const graph& plan, const std::vector<step>& steps) {
  auto of = [&] { return "run " + r.run + ": "; };
  const bool good = !r.failure;
  // As long as the executor lives, so does the version.
  executor replayed({std::shared_ptr<void>(), &plan}, mix(std::hash<std::string>()(r.run), 0));
  step_audit audit(plan, [&](const std::string& what) { complain(of() + what); });
  outbox out;
  out.traced = true;
  for (const step& s : steps) {
    out.clear();
    const auto before = replayed.slots();
    replayed.apply(s, out);
    audit.follow(s, before, replayed, out);
  }
  if (!replayed.ended()) return complain(of() + "its steps do not lead to its end");
  if ((replayed.state() == executor::status::finished) != good ||
      (good && !(replayed.reply() == r.reply)))
    return complain(of() + "its steps lead to another end than it had");
  if (plan.token_budget >= 0 && audit.tokens() > plan.token_budget)
    complain(of() + "it used " + std::to_string(audit.tokens()) + " tokens of " +
             std::to_string(plan.token_budget));
  if (auto worked = time_at_work(steps); worked && *worked > plan.deadline + slack)
    complain(of() + "it took " + std::to_string(worked->count() / 1000) + " ms; its deadline is " +
             std::to_string(plan.deadline.count() / 1000) + " ms");
  if (!good && r.failure->code != errc::cancelled && steps.back().at < replayed.deadline())
    if (const stage_node* n = stage_that_failed(plan, *r.failure);
        n && n->on_error != no_stage && n->region < 0)
      complain(of() + "it failed at `" + n->name + "` instead of going to `" +
               plan.stages[static_cast<std::size_t>(n->on_error)].name + "`");
  if (good && !r.conversation.empty()) audit_stream(r, plan, audit);
}

/// What a client holds of a stage's text at the end is what the stage answered.
void witness::audit_stream(const run_record& r, const graph& plan, const step_audit& audit) {
  std::map<std::string, std::string> held;
  (void)records_.scan(family::events, joined_key(r.conversation, ""),
                      joined_key(r.conversation, ""), [&](std::string_view, std::string_view json) {
                        const auto e = boost::json::parse({json.data(), json.size()}).as_object();
                        const auto* run = e.if_contains("run");
                        if (run && *run != boost::json::string(r.run)) return true;
                        const auto type = e.at("type").as_string();
                        if (type == "delta")
                          held[std::string(e.at("stage").as_string())] +=
                              std::string(e.at("text").as_string());
                        if (type == "rewind") held.erase(std::string(e.at("stage").as_string()));
                        return true;
                      });
  for (const auto& [stage, text] : held) {
    const auto id = plan.find_stage(stage);
    const frame* said = id == no_stage ? nullptr : audit.last_answer(id);
    // The texts of several items come mixed.
    if (said && !plan.stages[static_cast<std::size_t>(id)].each &&
        (said->empty() || said->front().to_text() != text))
      complain("run " + r.run + ": `" + stage + "` answered `" +
               (said->empty() ? "" : said->front().to_text()) + "`, and the client holds `" + text +
               "`");
  }
}

void witness::audit_conversation(const std::string& conversation) {
  std::vector<run_record> runs;
  // A run whose `accepted` got lost on the way is one of the conversation too.
  (void)records_.scan(family::runs, "", "", [&](std::string_view, std::string_view bytes) {
    if (auto r = decode_run(bytes); r && r->conversation == conversation)
      runs.push_back(std::move(*r));
    return true;
  });
  std::sort(runs.begin(), runs.end(), [](auto& a, auto& b) { return a.order < b.order; });
  auto turns = read_turns(records_, conversation, runs.size() + 1, runs.size() + 1);
  if (!turns) return complain(turns.error().message);
  std::size_t next = 0;
  for (const run_record& r : runs) {
    if (r.failure) continue;
    if (next == turns->size() || (*turns)[next].run != r.run)
      return complain("the history of `" + conversation + "` lacks run " + r.run);
    if ((*turns)[next++].reply != r.reply.to_text())
      complain("the history of `" + conversation + "` has another reply of run " + r.run);
  }
  audit_persisted(runs);
}

/// A run begins with the slots that the last one before it that finished has left.
void witness::audit_persisted(const std::vector<run_record>& runs) {
  value left;
  for (const run_record& r : runs) {
    auto steps = read_steps(records_, r.run);
    if (!steps || steps->empty()) continue;
    const graph& plan = plan_of_(r.graph_hash);
    for (const slot_id slot : plan.persist) {
      const std::string& name = plan.slots[static_cast<std::size_t>(slot)];
      const value* wanted = left.find(name);
      const auto& given = steps->front().slots;
      const auto found = std::find_if(given.begin(), given.end(),
                                      [&](const auto& entry) { return entry.first == slot; });
      if (wanted && (found == given.end() || !(found->second == *wanted)) && !r.input.find(name))
        complain("run " + r.run + " began without the `" + name + "` of the run before it");
    }
    if (!r.failure) left = r.slots;
  }
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
