// Runs that wait for somebody's decision: how they are asked for, decided, and put down meanwhile.

#include "actors/conversation_state.hpp"
#include "pipeline/log.hpp"
#include "pipeline/review.hpp"

namespace troupe {

namespace {

void append(write_batch& to, write_batch from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// What a stage was given, by input.
value asked_of(const stage_node& n, const frame& inputs) {
  value::table asked;
  for (std::size_t i = 0; i < inputs.size() && i < n.ports.in.size(); ++i)
    asked.emplace_back(n.ports.in[i].name, inputs[i]);
  return value(std::move(asked));
}

}  // namespace

void conversation::note_reviews(live_run& run, const step& s) {
  const executor& exec = *run.exec;
  const run_record& record = run.record;
  for (const review_record& r : run.reviews)
    if (std::count(outbox_.closed.begin(), outbox_.closed.end(), r.task) > 0)
      append(writes_, close_review(r.run, r.task, r.until));
  std::erase_if(run.reviews, [&](const review_record& r) {
    return std::count(outbox_.closed.begin(), outbox_.closed.end(), r.task) > 0;
  });
  if (s.what == step::kind::suspended)
    for (const open_decision& d : exec.open_decisions()) {
      if (d.task != s.task) continue;
      const stage_node& n = exec.plan().stages[static_cast<std::size_t>(d.stage)];
      run.reviews.push_back({record.run, record.conversation, record.owner, n.name, d.task, s.at,
                             d.until, asked_of(n, exec.call_of(d.task).inputs)});
      append(writes_, open_review(run.reviews.back()));
    }
}

void conversation::note_rest(live_run& run) {
  const bool rests = run.exec->resting();
  const auto state = rests ? run_status::state_type::waiting : run_status::state_type::running;
  if (run.exec->ended() || (run.record.state == run_status::state_type::waiting) == rests) return;
  run.record.state = state;
  count_runs();
  writes_.push_back(put(family::runs, run.record.run, encode(run.record)));
  if (rests) next_.parked = parked_event(run);
}

/// A replayed run that rests was not interrupted: there is nothing to start again.
void conversation::take_up_rest(live_run& run) {
  run.record.state = run_status::state_type::waiting;
  count_runs();
  auto open = read_reviews_of(*env_->records, run.record.run);
  if (open)
    run.reviews = std::move(*open);
  else
    log_error("run {}: {}", run.record.run, open.error().message);
  armed_ = true;
  idle_since_ = env_->time->now();
  schedule_wake();
}

/// When this conversation has to be there again after it left.
time_point conversation::review_due() const {
  return runs_.empty() ? time_point::max() : runs_.front()->exec->next_wakeup();
}

/// Outside the sequence of the conversation's events: it tells one client where its run stands.
event_ptr conversation::parked_event(const live_run& run) {
  event e = new_event(event_kind::stage, run);
  e.state = stage_state::waiting;
  e.message_id = run.record.message_id;
  if (!run.reviews.empty()) e.stage = run.reviews.front().stage;
  return std::make_shared<const event>(std::move(e));
}

bool conversation::is_parked() const noexcept {
  if (runs_.empty() || !batches_.empty() || !calls_.empty()) return false;
  const live_run& front = *runs_.front();
  return front.at == live_run::phase::running && front.exec->resting() &&
         std::all_of(runs_.begin() + 1, runs_.end(),
                     [](const auto& r) { return r->at == live_run::phase::waiting; });
}

void conversation::on_parked(const event_ptr& e) {
  std::erase_if(followers_, [&](const follower& f) {
    return f.what == follow::end && f.run == e->run && !f.sink->deliver(e);
  });
  watch_idle();
}

void conversation::decide(decide_request& r) {
  if (!taken_up_) return r.done(trouble());
  live_run* live = find(r.what.run);
  if (!live || live->at != live_run::phase::running || live->reviews.empty()) {
    auto waited = was_suspended(*env_->records, r.what.run);
    if (!waited) return r.done(std::move(waited).error());
    return r.done(no_open_review(r.what.run, *waited));
  }
  for (const open_decision& d : live->exec->open_decisions()) {
    if (r.what.task && *r.what.task != d.task) continue;
    // Its timer may be on the way.
    if (const auto now = env_->time->now(); now >= d.until) {
      const auto run = r.what.run;
      take_step({.what = step::kind::timer, .at = now});
      return r.done(no_open_review(run, true));
    }
    const auto& ports = live->exec->plan().stages[static_cast<std::size_t>(d.stage)].ports;
    next_.decided.push_back(std::move(r.done));
    take_step({.what = step::kind::decided,
               .at = env_->time->now(),
               .task = d.task,
               .outputs = decided_outputs(ports, d.instead, r.what)});
    return;
  }
  r.done(no_open_review(r.what.run, true));
}

}  // namespace troupe
