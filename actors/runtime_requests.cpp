// The runtime as a gateway: what clients ask of it.

#include "actors/runtime_state.hpp"

namespace troupe {

namespace {

/// The actor that a submission is for. An empty conversation name is a job; it gets its run id
/// here, the one that it had if it was submitted before.
result<std::string> name_of(submission& s, const runtime_options& o, job_ids& jobs) {
  if (!s.conversation.empty()) return std::move(s.conversation);
  auto fresh = make_run_id(o.time->now(), *o.random);
  if (s.message_id.empty()) return job_name(fresh);
  auto run = jobs.run_of(*o.records, s.owner, s.message_id, std::move(fresh));
  if (!run) return std::move(run).error();
  return job_name(*run);
}

}  // namespace

void runtime::submit(submission s, std::shared_ptr<event_sink> sink, follow what) {
  auto name = name_of(s, inside_->options, inside_->jobs);
  if (!name) {
    conversation_request refused{{}, submit_request{std::move(s), std::move(sink), what}};
    return answer_error(refused, name.error());
  }
  inside_->send(*std::move(name), submit_request{std::move(s), std::move(sink), what});
}

void runtime::attach(std::string conversation, std::uint64_t after,
                     std::shared_ptr<event_sink> sink) {
  inside_->send(std::move(conversation), attach_request{after, std::move(sink)});
}

void runtime::detach(std::string conversation, std::shared_ptr<event_sink> sink) {
  inside_->send(std::move(conversation), detach_request{std::move(sink)});
}

void runtime::cancel(std::string run, callback<void> done) {
  auto record = read_run(*inside_->options.records, run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + run + "`"});
  auto conversation = (*record)->conversation.empty() ? job_name(run) : (*record)->conversation;
  inside_->send(std::move(conversation), cancel_request{std::move(run), std::move(done)});
}

void runtime::client_left(std::string conversation, std::string run) {
  auto name = conversation.empty() ? job_name(run) : std::move(conversation);
  inside_->send(std::move(name), left_request{std::move(run)});
}

void runtime::give_feedback(feedback f, callback<void> done) {
  if (f.rating != 1 && f.rating != -1)
    return done(error{errc::invalid_request, "`rating` must be 1 or -1"});
  auto record = read_run(*inside_->options.records, f.run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + f.run + "`"});
  const auto now = inside_->options.time->now().time_since_epoch().count();
  const value text(value::table{{"rating", f.rating},
                                {"comment", f.comment},
                                {"conversation", (*record)->conversation},
                                {"owner", (*record)->owner},
                                {"at", static_cast<std::int64_t>(now)}});
  const auto number = static_cast<std::uint64_t>(now) * 16 + inside_->feedback_number++ % 16;
  inside_->journal->append({put(family::feedback, numbered_key(f.run, number), text.to_text())},
                           durability::synced, std::move(done));
}

void runtime::find_run(std::string run, callback<run_status> done) {
  auto record = read_run(*inside_->options.records, run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + run + "`"});
  run_record& r = **record;
  done(run_status{r.run, r.conversation, r.message_id, r.state, r.reply, r.slots, r.failure});
}

void runtime::find_conversation(std::string conversation, callback<value> done) {
  const store& records = *inside_->options.records;
  auto record = read_conversation(records, conversation);
  if (!record) return done(std::move(record).error());
  if (!*record)
    return done(error{errc::not_found, "there is no conversation `" + conversation + "`"});
  auto turns = read_turns(records, conversation, (*record)->turns, 1000);
  if (!turns) return done(std::move(turns).error());
  value::list told;
  for (turn_record& t : *turns)
    told.emplace_back(value::table{{"run", t.run}, {"user", t.user}, {"reply", t.reply}});
  done(value(value::table{
      {"conversation", conversation},
      {"turns", std::move(told)},
      {"slots", (*record)->persisted.is_none() ? value(value::table{}) : (*record)->persisted},
      {"last_seq", static_cast<std::int64_t>((*record)->next_seq - 1)}}));
}

value runtime::describe_graph() const {
  const auto current = inside_->versions.current();
  const graph& plan = *current->plan;
  auto target = [&](stage_id id) { return plan.stages[static_cast<std::size_t>(id)].name; };
  value::list stages;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const stage_node& n = plan.stages[i];
    value::list next;
    for (const edge& e : n.next) {
      value::table one{{"to", target(e.to)}};
      if (e.when) one.emplace_back("when", e.when->text());
      if (e.max >= 0) one.emplace_back("max", e.max);
      next.emplace_back(std::move(one));
    }
    if (n.split)
      for (stage_id id : n.split->all)
        next.emplace_back(value::table{{"to", target(id)}, {"join", target(n.split->join)}});
    const auto f = current->pools[i]->figures();
    auto count = [](std::uint64_t x) { return value(static_cast<std::int64_t>(x)); };
    value::table one{{"name", n.name},
                     {"use", n.type->name},
                     {"next", std::move(next)},
                     {"replicas", n.replicas},
                     {"replicas_up", f.replicas_up},
                     {"calls", count(f.calls)},
                     {"failures", count(f.failures)},
                     {"restarts", count(f.restarts)},
                     {"outstanding", f.outstanding}};
    if (n.on_error != no_stage) one.emplace_back("on_error", target(n.on_error));
    stages.emplace_back(std::move(one));
  }
  return value(
      value::table{{"name", plan.name},
                   {"hash", plan.hash},
                   {"versions", static_cast<std::int64_t>(inside_->versions.alive())},
                   {"start", target(plan.start)},
                   {"output", plan.slots[static_cast<std::size_t>(plan.output)]},
                   {"live_conversations", static_cast<std::int64_t>(inside_->live->load())},
                   {"stages", std::move(stages)}});
}

result<void> runtime::ready() const {
  if (inside_->gate.is_closed()) return error{errc::unavailable, "the server is about to end"};
  if (auto trouble = inside_->journal->trouble()) {
    inside_->journal->probe();
    return *trouble;
  }
  const auto current = inside_->versions.current();
  for (const auto& pool : current->pools)
    if (pool->figures().replicas_up == 0)
      return error{errc::unavailable,
                   "stage `" + pool->node().name + "` has no replica that is up"};
  return {};
}

}  // namespace troupe
