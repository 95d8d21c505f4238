// Calls of the run at hand that are out at stages: sent, sent again, answered, given up.

#include "actors/conversation_state.hpp"
#include "pipeline/retry.hpp"

namespace troupe {

namespace {

/// A call that waited in a replica's mailbox when another call crashed it is sent again without
/// counting as an attempt: it is innocent. There is a bound all the same.
constexpr int max_lost = 100;

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
  auto place = pool.acquire(self_, pool_ready{c.number});
  if (!place) {
    step s{.what = step::kind::failed, .at = env_->time->now(), .task = c.task};
    s.failure = std::move(place).error();
    std::erase_if(calls_, [number = c.number](const open_call& x) { return x.number == number; });
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
  m->number = c.number;
  if (pool.node().type->streams) {
    m->emit_to = self_->address();
    // Where nothing waits for a disk, text does not either.
    if (env_->journal->how() != journal_writer::mode::direct)
      m->credit = c.credit = std::make_shared<delta_credit>();
  }
  hold(run.on);
  c.replica = (*place)->replica;
  c.generation = (*place)->generation;
  c.ticket = (*place)->ticket;
  m->lost = c.lost;
  c.sent = m;
  const auto id = self_->new_request_id(caf::message_priority::normal);
  sent_.push_back({id.response_id(), c.number, run.on.get(), &pool, c.replica, c.generation,
                   c.ticket, what.at});
  self_->add_multiplexed_response_handler(id.response_id(), responses_);
  caf::actor_cast<caf::abstract_actor*>((*place)->actor)
      ->eq_impl(id, self_->ctrl(), self_->context(), call_ptr(std::move(m)));
}

conversation::sent_call conversation::take_sent_call() {
  const auto response = self_->current_mailbox_element()->mid;
  const auto found = std::ranges::find(sent_, response, &sent_call::response);
  const auto call = *found;
  *found = sent_.back();
  sent_.pop_back();
  return call;
}

void conversation::on_response(const answer_ptr& a) {
  const auto call = take_sent_call();
  const bool awaited = find_call(call.number, call.generation) != nullptr;
  const auto now = env_->time->now();
  call.pool->release(call.replica, call.generation, call.ticket,
                     !awaited                 ? stage_pool::verdict::late
                     : a->outputs.has_value() ? stage_pool::verdict::good
                                              : stage_pool::verdict::bad,
                     now - call.at, worked_on(*a, now));
  let_go(call.on);
  guarded([&] { awaited ? on_answer(call.number, a, now) : watch_idle(); });
}

void conversation::on_no_response(const caf::error& why) {
  const auto call = take_sent_call();
  const bool lost = why == caf::sec::request_receiver_down;
  if (lost) call.pool->mark_dead(call.replica, call.generation);
  call.pool->release(call.replica, call.generation, call.ticket,
                     lost ? stage_pool::verdict::lost : stage_pool::verdict::bad);
  let_go(call.on);
  guarded([&] {
    if (!find_call(call.number, call.generation)) return watch_idle();
    if (lost) return on_lost(call.number);
    on_answer(call.number, refusal(caf::to_string(why)), env_->time->now());
  });
}

void conversation::hold(const std::shared_ptr<deployment>& on) {
  for (held_deployment& h : held_)
    if (h.on == on) return void(++h.calls);
  held_.push_back({on, 1});
}

void conversation::let_go(const deployment* on) {
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
  c->sent = nullptr;
  if (++c->lost <= max_lost) {
    // It may have streamed before its replica went down.
    take_back(*runs_.front(), c->stage, c->attempt);
    commit_step();
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
    c->sent = nullptr;
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

std::vector<std::pair<std::int64_t, duration>> conversation::busy(time_point now) const {
  std::vector<std::pair<std::int64_t, duration>> all;
  for (const open_call& c : calls_) {
    const auto begun = c.sent ? c.sent->begun.load(std::memory_order_relaxed) : time_point::max();
    all.emplace_back(c.task, begun >= now ? duration(0) : now - begun);
  }
  return all;
}

bool conversation::ran_out_of_time(const open_call& c, const step& s) const {
  if (s.what != step::kind::timer) return false;
  const executor& exec = *runs_.front()->exec;
  const bool too_late = (exec.ended() && exec.failure().code == errc::deadline) ||
                        std::ranges::any_of(outbox_.reports, [&](const stage_report& r) {
                          return r.task == c.task && r.failure && r.failure->code == errc::timeout;
                        });
  // One that waited for most of its time, or came when the run had little left, says nothing about
  // the stage.
  return too_late &&
         s.busy_with(c.task).value_or(duration(-1)) >= exec.plan().time_of_attempt(c.stage) / 2;
}

void conversation::give_up(open_call& c, stage_pool::reason why) {
  c.stop.request_stop();
  if (c.generation > 0) pool_of(c.stage).abandoned(c.replica, c.generation, c.ticket, why);
}

}  // namespace troupe
