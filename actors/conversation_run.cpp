// The run at hand: steps into the executor, calls out to the stages, answers back.

#include "actors/conversation_state.hpp"
#include "pipeline/codec.hpp"
#include "pipeline/log.hpp"
#include "pipeline/retry.hpp"

namespace troupe {

namespace {

/// As often may a run be resumed after an end without warning and get no further: more often than a
/// machine in trouble kills its processes one after the other, and a call that ends the process is
/// found out all the same.
constexpr int most_resumptions = 9;

/// How often the process has ended without warning since the run last got a step further.
int ends_without_progress(const std::vector<step>& steps) {
  int ends = 0;
  for (auto s = steps.rbegin(); s != steps.rend() && s->what == step::kind::resumed; ++s) {
    const auto how = static_cast<process_end>(s->task);
    if (how == process_end::of_the_disk) break;
    if (how == process_end::without_warning) ++ends;
  }
  return ends;
}

}  // namespace

void conversation::start_next() {
  if (runs_.empty()) return watch_idle();
  live_run& run = *runs_.front();
  if (run.at != live_run::phase::waiting) return;
  if (!run.on) {
    run.on = env_->versions->current();
    log_warning("run {} began on a graph that is gone; it goes on with the present one",
                run.record.run);
    run.journalled.clear();
    run.steps = 0;
  }
  run.at = live_run::phase::running;
  run.entering = false;
  count_runs();
  run.record.state = run_status::state_type::running;
  run.history = history_;
  run.id = run.record.run;
  run.conversation = run.record.conversation;
  run.seed = std::hash<std::string>()(run.record.run);
  run.exec = std::make_unique<executor>(run.on->plan, mix(run.seed, 0));
  if (run.journalled.empty())
    begin(run);
  else
    replay(run);
  // A run can end before it has begun properly: then there is another at the front, or none.
  if (!runs_.empty() && runs_.front().get() == &run && run.cancel &&
      run.at == live_run::phase::running)
    take_step({.what = step::kind::cancel, .at = env_->time->now(), .failure = *run.cancel});
}

void conversation::begin(live_run& run) {
  const graph& plan = run.exec->plan();
  ++run.on->begun;
  step s{.what = step::kind::begin, .at = env_->time->now()};
  for (slot_id id : plan.persist)
    if (const value* v = record_.persisted.find(plan.slots[static_cast<std::size_t>(id)]);
        // Another version of the graph may have kept something else under this name.
        v && converts(v->type(), plan.slot_types[static_cast<std::size_t>(id)]))
      s.slots.emplace_back(id, *v);
  for (const graph_input& input : plan.inputs) {
    const value* given = run.record.input.find(plan.slots[static_cast<std::size_t>(input.slot)]);
    const value& v = given ? *given : input.fallback;
    if (v.type() == slot_type::integer && input.type == slot_type::floating)
      s.slots.emplace_back(input.slot, v.as_number());
    else
      s.slots.emplace_back(input.slot, v);
  }
  take_step(std::move(s));
}

void conversation::replay(live_run& run) {
  // Resumed again and again, and never a step further: what it does there ends the process.
  const auto end = fell_ ? process_end::of_the_disk : env_->last_end;
  const bool deadly = end == process_end::without_warning &&
                      ends_without_progress(run.journalled) >= most_resumptions;
  outbox past;
  for (const step& s : run.journalled) {
    past.clear();
    run.exec->apply(s, past);
    // The client may hold text of any stage that was called, and nobody knows any more of which.
    for (const start_task& t : past.start)
      if (run.exec->plan().stages[static_cast<std::size_t>(t.stage)].type->streams &&
          std::find(run.streamed.begin(), run.streamed.end(), t.stage) == run.streamed.end())
        run.streamed.push_back(t.stage);
  }
  run.journalled.clear();
  if (run.exec->resting()) return take_up_rest(run);
  log_info("run {} goes on after {} steps", run.record.run, run.steps);
  if (deadly)
    return take_step(
        {.what = step::kind::cancel,
         .at = env_->time->now(),
         .failure = {errc::crashed, "the process ended " + std::to_string(most_resumptions + 1) +
                                        " times without warning while the run was at this place"}});
  take_step({.what = step::kind::resumed,
             .at = env_->time->now(),
             .task = static_cast<std::int64_t>(end)});
}

void conversation::take_step(step s) {
  if (std::exchange(taking_, true)) return steps_.push_back(std::move(s));
  apply(s);
  while (!steps_.empty()) {
    const step next = std::move(steps_.front());
    steps_.pop_front();
    apply(next);
  }
  taking_ = false;
  schedule_wake();
}

void conversation::apply(const step& s) {
  if (runs_.empty() || runs_.front()->at != live_run::phase::running) return;
  live_run& run = *runs_.front();
  writes_.push_back(put(family::steps, numbered_key(run.record.run, run.steps++), encode(s)));
  outbox_.clear();
  run.exec->apply(s, outbox_);
  if (s.what == step::kind::suspended || !outbox_.closed.empty()) note_reviews(run, s);
  carry_out(s);
}

void conversation::report(live_run& run, const stage_report& r) {
  const auto& stage = run.exec->plan().stages[static_cast<std::size_t>(r.stage)];
  if (somebody_listens()) {
    event e = new_event(event_kind::stage, run);
    e.stage = stage.name;
    e.state = r.state;
    e.attempt = r.attempt;
    e.ms = r.took.count() / 1000;
    if (r.failure) e.text = r.failure->message;
    tell(std::move(e));
  }
  if (r.failure)
    log_info("run {}: stage `{}` attempt {} {}: {}", run.record.run, stage.name, r.attempt,
             name_of(r.state), r.failure->message);
  if (r.state != stage_state::finished && r.state != stage_state::waiting)
    take_back(run, r.stage, r.state == stage_state::retrying ? r.attempt + 1 : r.attempt);
}

void conversation::take_back(live_run& run, stage_id stage, int attempt) {
  auto held = std::find(run.streamed.begin(), run.streamed.end(), stage);
  if (held == run.streamed.end()) return;
  run.streamed.erase(held);
  event e = new_event(event_kind::rewind, run);
  e.stage = run.exec->plan().stages[static_cast<std::size_t>(stage)].name;
  e.attempt = attempt;
  tell(std::move(e));
}

void conversation::carry_out(const step& s) {
  live_run& run = *runs_.front();
  for (const stage_report& r : outbox_.reports) report(run, r);
  // A resumed stage starts over without a report of its own.
  for (const start_task& t : outbox_.start) take_back(run, t.stage, t.attempt);
  for (std::int64_t task : outbox_.abandon)
    std::erase_if(calls_, [&](open_call& c) {
      if (c.task != task) return false;
      give_up(c, ran_out_of_time(c, s) ? stage_pool::reason::out_of_time
                                       : stage_pool::reason::unwanted);
      return true;
    });
  if (run.exec->ended()) return end_run();
  note_rest(run);
  // A call that ends the process is known by the steps of those that took the run up: they are on
  // record before it is made again.
  if (s.what == step::kind::resumed) next_.starts = std::exchange(outbox_.start, {});
  commit_step();
  for (start_task& t : outbox_.start) call(std::move(t));
}

void conversation::schedule_wake() {
  auto due = taken_up_ ? time_point::max() : try_again_at_;
  if (!runs_.empty() && runs_.front()->at == live_run::phase::running)
    due = runs_.front()->exec->next_wakeup();
  if (may_idle()) due = std::min(due, idle_since_ + env_->idle);
  // A job arms its timer only if it is still there at the gateway's next tick: most are not, and
  // a timer cannot be taken back.
  if (due >= wake_at_ || (is_job(id_) && !armed_)) return;
  wake_at_ = due;
  const auto pause = std::max(duration(0), due - env_->time->now());
  self_->delayed_send(self_, pause, wake_up{++wake_generation_});
}

void conversation::on_wake(const wake_up& w) {
  if (w.generation == 0) {
    armed_ = true;
    return schedule_wake();
  }
  if (w.generation != wake_generation_) return;
  wake_at_ = time_point::max();
  const auto now = env_->time->now();
  if (!taken_up_) {
    take_up();
    if (taken_up_) watch_idle();
  }
  if (!runs_.empty() && runs_.front()->at == live_run::phase::running &&
      now >= runs_.front()->exec->next_wakeup())
    take_step({.what = step::kind::timer, .at = now, .busy = busy(now)});
  if (may_idle() && now >= idle_since_ + env_->idle) return offer_to_leave();
  schedule_wake();
}

}  // namespace troupe
