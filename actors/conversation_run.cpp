// The run at hand: steps into the executor, calls out to the stages, answers back.

#include "actors/conversation_state.hpp"
#include "pipeline/codec.hpp"
#include "pipeline/log.hpp"
#include "pipeline/retry.hpp"

namespace troupe {

namespace {

/// A call that waited in a replica's mailbox when another call crashed it is sent again without
/// counting as an attempt: it is innocent. There is a bound all the same.
constexpr int max_lost = 100;

/// As often may a run be resumed without getting any further: more often than a machine in trouble
/// kills its processes one after the other, and a call that ends the process is found out all the
/// same.
constexpr std::ptrdiff_t most_resumptions = 9;

/// How long the stage was busy with it; -1: not known.
duration worked_on(const stage_answer& a, time_point answered) {
  return a.begun == time_point::max() ? duration(-1) : std::max(duration(0), answered - a.begun);
}

answer_ptr refusal(std::string why) {
  auto a = std::make_shared<stage_answer>();
  a->outputs = error{errc::crashed, std::move(why)};
  return a;
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
  const auto progress =
      std::find_if(run.journalled.rbegin(), run.journalled.rend(),
                   [](const step& s) { return s.what != step::kind::resumed || s.task != 0; });
  const bool deadly = progress - run.journalled.rbegin() >= most_resumptions;
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
                                        " times while the run was at this place"}});
  // One that was taken up in the same process, after trouble with the disk, says so.
  take_step({.what = step::kind::resumed,
             .at = env_->time->now(),
             .task = fell_ ? std::int64_t{1} : std::int64_t{0}});
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
  carry_out(s.what == step::kind::resumed);
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

void conversation::carry_out(bool resumes) {
  live_run& run = *runs_.front();
  for (const stage_report& r : outbox_.reports) report(run, r);
  // A resumed stage starts over without a report of its own.
  for (const start_task& t : outbox_.start) take_back(run, t.stage, t.attempt);
  for (std::int64_t task : outbox_.abandon)
    std::erase_if(calls_, [this, task](open_call& c) {
      if (c.task != task) return false;
      c.stop.request_stop();
      if (c.generation > 0) pool_of(c.stage).abandoned(c.replica, c.generation, c.ticket);
      return true;
    });
  if (run.exec->ended()) return end_run();
  note_rest(run);
  // A call that ends the process is known by the steps of those that took the run up: they are on
  // record before it is made again.
  if (resumes) next_.starts = std::exchange(outbox_.start, {});
  commit(std::exchange(writes_, {}), durability::written, std::exchange(next_, {}));
  for (start_task& s : outbox_.start) call(std::move(s));
}

void conversation::call_resumed(std::vector<start_task> starts) {
  for (start_task& s : starts)
    if (!runs_.empty() && runs_.front()->at == live_run::phase::running &&
        runs_.front()->exec->awaits(s.task) &&
        std::none_of(calls_.begin(), calls_.end(),
                     [&](const open_call& c) { return c.task == s.task; }))
      call(std::move(s));
}

void conversation::call(start_task s) {
  calls_.push_back({.number = next_call_++,
                    .task = s.task,
                    .attempt = s.attempt,
                    .stage = s.stage,
                    .stop = take_stop_source()});
  send_call(calls_.back(), std::move(s));
}

void conversation::send_again(open_call& c) {
  const executor& exec = *runs_.front()->exec;
  if (exec.awaits(c.task)) send_call(c, exec.call_of(c.task));
}

void conversation::send_call(open_call& c, start_task what) {
  live_run& run = *runs_.front();
  stage_pool& pool = pool_of(c.stage);
  const auto number = c.number;
  auto place = pool.acquire(self_, pool_ready{c.number});
  if (!place) {
    step s{.what = step::kind::failed, .at = env_->time->now(), .task = c.task};
    s.failure = std::move(place).error();
    std::erase_if(calls_, [&](const open_call& x) { return x.number == number; });
    return take_step(std::move(s));
  }
  if (!*place) return;
  auto m = std::make_shared<stage_call>();
  m->info.run = run.id;
  m->info.conversation = run.conversation;
  m->info.stage = pool.stage_name();
  m->info.task = c.task;
  m->info.attempt = c.attempt;
  m->info.seed = mix(
      run.seed, static_cast<std::uint64_t>(c.task) * 64 + static_cast<std::uint64_t>(c.attempt));
  m->info.deadline = what.deadline;
  m->info.tokens_left = what.tokens_left;
  m->info.history = run.history;
  m->inputs = std::move(what.inputs);
  m->stop = c.stop.get_token();
  m->number = number;
  if (pool.node().type->streams) {
    m->emit_to = self_->address();
    // Where nothing waits for a disk, text does not either.
    if (env_->journal->how() != journal_writer::mode::direct)
      m->credit = c.credit = std::make_shared<delta_credit>();
  }
  hold(run.on);
  const auto replica = (*place)->replica;
  const auto generation = (*place)->generation;
  const auto ticket = (*place)->ticket;
  c.replica = replica;
  c.generation = generation;
  c.ticket = ticket;
  m->lost = c.lost;
  const auto sent = what.at;
  auto* p = &pool;
  auto* on = run.on.get();
  self_->request((*place)->actor, caf::infinite, call_ptr(std::move(m)))
      .then(
          [this, on, p, replica, generation, ticket, number, sent](const answer_ptr& a) {
            const bool awaited = find_call(number, generation) != nullptr;
            const auto now = env_->time->now();
            p->release(replica, generation, ticket,
                       !awaited                 ? stage_pool::verdict::late
                       : a->outputs.has_value() ? stage_pool::verdict::good
                                                : stage_pool::verdict::bad,
                       now - sent, worked_on(*a, now));
            let_go(on);
            guarded([&] { awaited ? on_answer(number, a, now) : watch_idle(); });
          },
          [this, on, p, replica, generation, ticket, number](const caf::error& why) {
            const bool lost = why == caf::sec::request_receiver_down;
            if (lost) p->mark_dead(replica, generation);
            p->release(replica, generation, ticket,
                       lost ? stage_pool::verdict::lost : stage_pool::verdict::bad);
            let_go(on);
            guarded([&] {
              if (!find_call(number, generation)) return watch_idle();
              if (lost) return on_lost(number);
              on_answer(number, refusal(caf::to_string(why)), env_->time->now());
            });
          });
}

void conversation::hold(const std::shared_ptr<deployment>& on) {
  ++unanswered_;
  for (held_deployment& h : held_)
    if (h.on == on) return void(++h.calls);
  held_.push_back({on, 1});
}

void conversation::let_go(const deployment* on) {
  --unanswered_;
  const auto h = std::find_if(held_.begin(), held_.end(),
                              [on](const held_deployment& x) { return x.on.get() == on; });
  // A run in progress holds it as well, and its next call would only take it again.
  if (--h->calls == 0 && (runs_.empty() || runs_.front()->on != h->on)) held_.erase(h);
}

std::stop_source conversation::take_stop_source() {
  if (spare_stops_.empty()) return {};
  auto stop = std::move(spare_stops_.back());
  spare_stops_.pop_back();
  return stop;
}

void conversation::close_call(std::uint64_t number) {
  std::erase_if(calls_, [&](open_call& c) {
    if (c.number != number) return false;
    if (!c.stop.stop_requested()) spare_stops_.push_back(std::move(c.stop));
    return true;
  });
}

conversation::open_call* conversation::find_call(std::uint64_t number) {
  for (open_call& c : calls_)
    if (c.number == number) return &c;
  return nullptr;
}

conversation::open_call* conversation::find_call(std::uint64_t number, std::uint32_t generation) {
  open_call* c = find_call(number);
  return c && c->generation == generation ? c : nullptr;
}

void conversation::on_answer(std::uint64_t number, const answer_ptr& a, time_point now) {
  open_call& answered = *find_call(number);
  const auto task = answered.task;
  if (answered.credit && a->outputs)
    if (auto rest = answered.credit->rest(); !rest.empty()) stream(answered, std::move(rest));
  close_call(number);
  step s{.what = step::kind::done, .at = now, .task = task, .used = a->used};
  s.worked = worked_on(*a, now);
  if (a->outputs) {
    s.outputs = std::move(*a->outputs);
    if (a->waits) {
      s.what = step::kind::suspended;
      s.until = s.at + *a->waits;
    }
  } else {
    s.what = step::kind::failed;
    s.failure = std::move(a->outputs).error();
  }
  take_step(std::move(s));
}

void conversation::on_lost(std::uint64_t number) {
  open_call* c = find_call(number);
  if (!c) return;
  if (++c->lost <= max_lost) {
    // It may have streamed before its replica went down.
    take_back(*runs_.front(), c->stage, c->attempt);
    commit(std::exchange(writes_, {}), durability::written, {});
    return send_again(*c);
  }
  on_answer(number, refusal("its replica died before it could answer"), env_->time->now());
}

void conversation::on_ready(const pool_ready& p) {
  open_call* c = p.leaves > 0 ? find_call(p.call, p.leaves) : find_call(p.call);
  if (!c) return;
  if (p.leaves > 0) {
    // Should the replica come back to it after all, it finds it stopped.
    c->stop.request_stop();
    c->stop = take_stop_source();
    c->generation = 0;
  }
  send_again(*c);
}

void conversation::on_delta(stage_delta& d) {
  if (open_call* c = find_call(d.call)) stream(*c, std::move(d.text));
}

void conversation::stream(const open_call& c, std::string text) {
  if (runs_.empty() || runs_.front()->at != live_run::phase::running) return;
  live_run& run = *runs_.front();
  if (std::find(run.streamed.begin(), run.streamed.end(), c.stage) == run.streamed.end())
    run.streamed.push_back(c.stage);
  event e = new_event(event_kind::delta, run);
  e.stage = pool_of(c.stage).node().name;
  e.text = std::move(text);
  tell(std::move(e));
  commit(std::exchange(writes_, {}), durability::written, {.delta_of = c.credit ? c.number : 0});
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
    take_step({.what = step::kind::timer, .at = now});
  if (may_idle() && now >= idle_since_ + env_->idle)
    return caf::anon_send(env_->directory, may_leave{id_, seen_, review_due()});
  schedule_wake();
}

}  // namespace troupe
