// Journal batches and the events that wait for them.

#include "actors/conversation_state.hpp"

#include "pipeline/log.hpp"

namespace troupe {

namespace {

/// Events of a conversation that are kept for clients that come back; trimmed in steps.
constexpr std::uint64_t kept_events = 1024;

value slot_table(const executor& exec) {
  value::table out;
  const auto& plan = exec.plan();
  for (std::size_t i = 0; i < plan.slots.size(); ++i)
    if (!exec.slots()[i].is_none()) out.emplace_back(plan.slots[i], exec.slots()[i]);
  return out;
}

}  // namespace

event conversation::new_event(event_kind kind, const live_run& run) {
  event e;
  e.kind = kind;
  e.run = run.record.run;
  return e;
}

void conversation::tell(event e) {
  const bool ends = e.kind == event_kind::final || e.kind == event_kind::error;
  if (!ends && !somebody_listens()) return;
  e.seq = record_.next_seq++;
  if (keeps_events()) {
    e.json = to_json(e);
    writes_.push_back(put(family::events, numbered_key(id_, e.seq), e.json));
  }
  untold_.push_back(std::make_shared<const event>(std::move(e)));
}

void conversation::commit(write_batch batch, durability level, pending_batch what) {
  what.events = std::exchange(untold_, {});
  // Somebody waits for it, and may go home then.
  if (what.parked || !what.decided.empty()) level = durability::synced;
  if (batch.empty() && what.events.empty()) return;
  if (!what.is_awaited()) return env_->journal->append(std::move(batch), level, {}, term_);
  const auto id = next_batch_++;
  batches_.emplace_back(id, std::move(what));
  auto home = caf::actor_cast<caf::actor>(self_);
  if (env_->journal->how() == journal_writer::mode::direct) {
    batch_written written{id, {}};
    env_->journal->append(
        std::move(batch), level,
        [&](result<void> outcome) { written.outcome = std::move(outcome); }, term_);
    if (written.outcome) return on_written(written);
    // Whoever commits is in the middle of a step.
    return caf::anon_send(home, std::move(written));
  }
  env_->journal->append(
      std::move(batch), level,
      [home, id](result<void> outcome) {
        caf::anon_send(home, batch_written{id, std::move(outcome)});
      },
      term_);
}

void conversation::commit_step() {
  if (next_.is_awaited() || !untold_.empty())
    return commit(std::exchange(writes_, {}), durability::written, std::exchange(next_, {}));
  if (!writes_.empty())
    env_->journal->append(std::exchange(writes_, {}), durability::written, {}, term_);
}

void conversation::on_written(const batch_written& w) {
  if (!w.outcome) {
    const bool ours = std::any_of(batches_.begin(), batches_.end(),
                                  [&](const auto& b) { return b.first == w.batch; });
    if (ours) fall_back(w.outcome.error());
    return;
  }
  while (!batches_.empty() && batches_.front().first <= w.batch) {
    pending_batch done = std::move(batches_.front().second);
    batches_.pop_front();
    if (!done.accepted.empty()) on_accepted(done.accepted);
    for (const event_ptr& e : done.events) deliver(e);
    for (auto& answer : done.decided) answer(w.outcome);
    call_resumed(std::move(done.starts));
    if (done.parked) on_parked(done.parked);
    if (done.delta_of != 0) on_delta_written(done.delta_of);
    if (!done.ended.empty()) on_ended(done.ended);
  }
}

void conversation::on_delta_written(std::uint64_t number) {
  open_call* c = find_call(number);
  if (!c || !c->credit) return;
  if (auto next = c->credit->arrived(); !next.empty()) stream(*c, std::move(next));
}

void conversation::fall_back(const error& why) {
  event e;
  e.kind = event_kind::error;
  e.code = why.code;
  e.text = why.message;
  e.retry_after_ms = std::max<std::int64_t>(1000, fallen_for_.count() / 1000);
  for (auto& live : runs_)
    for (auto& [sink, what] : live->submitters) {
      e.message_id = live->record.message_id;
      sink->deliver(std::make_shared<const event>(e));
    }
  // Whoever follows one run asks again; whoever follows the conversation hears how it goes on.
  e.message_id.clear();
  const auto told = std::make_shared<const event>(std::move(e));
  std::erase_if(followers_,
                [&](const follower& f) { return !f.sink->deliver(told) || !f.run.empty(); });
  for (auto& [id, batch] : batches_)
    for (auto& answer : batch.decided) answer(why);
  for (auto& answer : next_.decided) answer(why);
  for (open_call& c : calls_) give_up(c, stage_pool::reason::unwanted);
  calls_.clear();
  for (auto& live : runs_)
    if (live->on && live->at != live_run::phase::accepting)
      env_->versions->park(live->record.run, live->on);
  runs_.clear();
  let_go_unused();
  batches_.clear();
  untold_.clear();
  writes_.clear();
  next_ = {};
  steps_.clear();
  taking_ = false;
  record_ = {};
  history_ = std::make_shared<const std::vector<turn>>();
  loaded_ = taken_up_ = false;
  fell_ = true;
  try_again_at_ = env_->time->now() + std::max<duration>(fallen_for_, std::chrono::seconds(1));
  armed_ = true;
  schedule_wake();
}

void conversation::deliver(const event_ptr& e) {
  std::erase_if(followers_, [&](const follower& f) {
    if (!f.run.empty() && f.run != e->run) return false;
    const bool over = e->kind == event_kind::final || e->kind == event_kind::error;
    if (f.what == follow::end && !over) return false;
    const bool alive = f.sink->deliver(e);
    return !alive || (over && !f.run.empty());
  });
}

void conversation::on_accepted(const std::string& run) {
  live_run* live = find(run);
  if (!live) return;
  event e = new_event(event_kind::accepted, *live);
  e.message_id = live->record.message_id;
  const auto accepted = std::make_shared<const event>(std::move(e));
  for (auto& [sink, what] : live->submitters) {
    if (sink->deliver(accepted) && what != follow::none) followers_.push_back({sink, run, what});
  }
  live->submitters.clear();
  live->at = live_run::phase::waiting;
  if (live == runs_.front().get()) start_next();
}

event conversation::final_event(const run_record& r) const {
  event e;
  e.run = r.run;
  e.message_id = r.message_id;
  e.seq = r.final_seq;
  if (r.failure) {
    e.kind = event_kind::error;
    e.code = r.failure->code;
    e.text = r.failure->message;
  } else {
    e.kind = event_kind::final;
    e.reply = r.reply;
    e.text = r.reply.to_text();
    e.slots = r.slots;
  }
  return e;
}

void conversation::end_run() {
  live_run& run = *runs_.front();
  run_record& record = run.record;
  const executor& exec = *run.exec;
  run.at = live_run::phase::ending;
  record.slots = slot_table(exec);
  if (exec.state() == executor::status::finished) {
    record.state = run_status::state_type::finished;
    record.reply = exec.reply();
  } else {
    record.state = run_status::state_type::failed;
    record.failure = exec.failure();
    log_warning("run {} failed: {}", record.run, record.failure->message);
  }
  record.final_seq = record_.next_seq;
  tell(final_event(record));

  write_batch batch = std::exchange(writes_, {});
  batch.push_back(erase(family::active, numbered_key(id_, record.order)));
  if (env_->ended_runs == retention::keep) {
    batch.push_back(put(family::runs, record.run, encode(record)));
    if (record.failure && record.failure->code != errc::cancelled)
      batch.push_back(put(family::dead_letters, record.run, encode(record)));
  } else {
    batch.push_back(erase(family::runs, record.run));
    batch.push_back(erase_range(family::steps, joined_key(record.run, ""),
                                numbered_key(record.run, ~std::uint64_t{0})));
  }
  if (keeps_events()) {
    if (!record.failure) {
      const value* said = record.input.find("text");
      turn_record t{record.run, said ? said->to_text() : std::string(), record.reply.to_text()};
      auto past = std::make_shared<std::vector<turn>>(*history_);
      if (past->size() >= env_->history_turns) past->erase(past->begin());
      past->push_back({t.user, t.reply});
      history_ = std::move(past);
      batch.push_back(put(family::turns, numbered_key(id_, record_.turns++), encode(t)));
      value::table persisted;
      for (slot_id id : exec.plan().persist)
        if (const value& v = exec.slots()[static_cast<std::size_t>(id)]; !v.is_none())
          persisted.emplace_back(exec.plan().slots[static_cast<std::size_t>(id)], v);
      record_.persisted = value(std::move(persisted));
    }
    if (record_.next_seq > record_.first_event + 2 * kept_events) {
      batch.push_back(erase_range(family::events, numbered_key(id_, record_.first_event),
                                  numbered_key(id_, record_.next_seq - kept_events)));
      record_.first_event = record_.next_seq - kept_events;
    }
    batch.push_back(put(family::conversations, id_, encode(record_)));
  }
  pending_batch what = std::exchange(next_, {});
  what.ended = record.run;
  what.parked = nullptr;
  commit(std::move(batch), durability::synced, std::move(what));
}

void conversation::on_ended(const std::string& run) {
  fallen_for_ = {};
  for (open_call& c : calls_) c.stop.request_stop();
  calls_.clear();
  std::erase_if(runs_, [&](const auto& r) {
    if (r->record.run != run) return false;
    if (r->taken_up) env_->versions->forget(run);
    return true;
  });
  let_go_unused();
  start_next();
}

}  // namespace troupe
