// Requests to a conversation: attach, detach, cancel, recover; and how it leaves.

#include "actors/conversation.hpp"

#include "actors/conversation_state.hpp"
#include "pipeline/log.hpp"

namespace troupe {

std::string job_name(std::string_view run) { return "\x01job " + std::string(run); }

bool is_job(std::string_view conversation) noexcept {
  return !conversation.empty() && conversation[0] == '\x01';
}

std::string make_run_id(time_point now, entropy& random) {
  static constexpr char digits[] = "0123456789abcdef";
  const auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000);
  std::string id(24, '0');
  const std::uint64_t high = ms << 16 | (random.draw() & 0xFFFF), low = random.draw();
  for (int i = 0; i < 16; ++i) id[static_cast<std::size_t>(i)] = digits[high >> (60 - 4 * i) & 15];
  for (int i = 0; i < 8; ++i)
    id[static_cast<std::size_t>(16 + i)] = digits[low >> (60 - 4 * i) & 15];
  return id;
}

namespace {

/// How long after a refused write the store is looked at again, and told to clients.
constexpr auto pause_of_trouble = std::chrono::milliseconds(1000);
constexpr duration longest_fall = std::chrono::minutes(1);

struct conversation_actor_state {
  static inline const char* name = "conversation";
  std::unique_ptr<conversation> inside;
};

}  // namespace

void answer_error(conversation_request& r, const error& why) {
  if (auto* s = std::get_if<submit_request>(&r.body)) {
    event e;
    e.kind = event_kind::error;
    e.message_id = s->what.message_id;
    e.code = why.code;
    e.text = why.message;
    s->sink->deliver(std::make_shared<const event>(std::move(e)));
  } else if (auto* c = std::get_if<cancel_request>(&r.body)) {
    c->done(why);
  } else if (auto* d = std::get_if<decide_request>(&r.body); d && d->done) {
    d->done(why);
  }
}

caf::actor spawn_conversation(caf::actor_system& system, std::string name,
                              std::shared_ptr<const conversation_environment> env) {
  return system.spawn(
      [](caf::stateful_actor<conversation_actor_state>* self, std::string id,
         std::shared_ptr<const conversation_environment> e) -> caf::behavior {
        self->state.inside = std::make_unique<conversation>(self);
        return self->state.inside->start(std::move(id), std::move(e));
      },
      std::move(name), std::move(env));
}

void conversation::on_thrown(const char* what) {
  log_error("conversation `{}` threw: {}; it goes back to what the store has", id_, what);
  fallen_for_ = std::clamp<duration>(fallen_for_ * 2, pause_of_trouble, longest_fall);
  fall_back({errc::internal, std::string("the conversation failed: ") + what});
}

caf::behavior conversation::start(std::string id,
                                  std::shared_ptr<const conversation_environment> env) {
  id_ = std::move(id);
  env_ = std::move(env);
  history_ = std::make_shared<const std::vector<turn>>();
  responses_ = {[this](const answer_ptr& a) { on_response(a); },
                [this](const caf::error& why) { on_no_response(why); }};
  return {
      [this](const request_ptr& r) {
        if (!guarded([&] { on_request(*r); }))
          answer_error(*r, {errc::internal, "the conversation failed; try again"});
      },
      [this](stage_delta& d) { guarded([&] { on_delta(d); }); },
      [this](const batch_written& w) { guarded([&] { on_written(w); }); },
      [this](const pool_ready& p) { guarded([&] { on_ready(p); }); },
      [this](const wake_up& w) { guarded([&] { on_wake(w); }); },
      [this](leave_now) { on_leave_now(); },
      [this](const farewell_ptr& f) { say_farewell(f); },
  };
}

void conversation::on_request(conversation_request& r) {
  ++seen_;
  if (!loaded_) {
    load();
    // A job without an id is submitted once, to an actor of its own: there is nothing to take up.
    const auto* submitted = std::get_if<submit_request>(&r.body);
    taken_up_ = is_job(id_) && submitted && submitted->what.message_id.empty();
  }
  if (!taken_up_) take_up();
  std::visit(
      [this](auto& body) {
        using body_type = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<body_type, submit_request>)
          submit(body);
        else if constexpr (std::is_same_v<body_type, attach_request>)
          attach(body);
        else if constexpr (std::is_same_v<body_type, detach_request>)
          detach(body);
        else if constexpr (std::is_same_v<body_type, cancel_request>)
          cancel(body);
        else if constexpr (std::is_same_v<body_type, left_request>)
          client_left(body);
        else if constexpr (std::is_same_v<body_type, decide_request>)
          decide(body);
      },
      r.body);
  watch_idle();
}

void conversation::load() {
  loaded_ = true;
  record_ = {};
  term_ = env_->journal->term();
  if (is_job(id_)) return;
  auto found = read_conversation(*env_->records, id_);
  if (!found) {
    log_error("conversation `{}`: {}", id_, found.error().message);
    return;
  }
  if (!*found) return;
  record_ = std::move(**found);
  auto turns = read_turns(*env_->records, id_, record_.turns, env_->history_turns);
  if (!turns) {
    log_error("conversation `{}`: {}", id_, turns.error().message);
    return;
  }
  std::vector<turn> past;
  for (turn_record& t : *turns) past.push_back({std::move(t.user), std::move(t.reply)});
  history_ = std::make_shared<const std::vector<turn>>(std::move(past));
}

conversation::live_run* conversation::find(const std::string& run) {
  for (auto& r : runs_)
    if (r->record.run == run) return r.get();
  return nullptr;
}

error conversation::trouble() const {
  auto why = env_->journal->trouble();
  if (!why) why = error{errc::internal, "the conversation failed a moment ago"};
  why->retry_after = pause_of_trouble;
  return std::move(*why);
}

void conversation::take_up() {
  const auto now = env_->time->now();
  // A run that went on now would only repeat its stages: nothing of them could be kept.
  if (env_->journal->trouble()) {
    env_->journal->probe();
    try_again_at_ = now + pause_of_trouble;
    return schedule_wake();
  }
  // Something threw, and may throw again.
  if (fallen_for_ > duration(0) && now < try_again_at_) return schedule_wake();
  try_again_at_ = time_point::max();
  if (!loaded_ || term_ != env_->journal->term()) load();
  taken_up_ = true;
  recover();
}

void conversation::attach(attach_request& r) {
  if (!taken_up_) recover_next_seq();
  // What is stored was told already; what is still on its way to the store follows by itself.
  const std::uint64_t told = [&] {
    for (const auto& [id, batch] : batches_)
      if (!batch.events.empty()) return batch.events.front()->seq;
    return record_.next_seq;
  }();
  if (r.after < told && keeps_events()) {
    bool alive = true;
    auto scanned = env_->records->scan(
        family::events, joined_key(id_, ""), numbered_key(id_, r.after + 1),
        [&](std::string_view key, std::string_view json) {
          const auto seq = number_of_key(key);
          if (seq >= told) return false;
          alive =
              r.sink->deliver(std::make_shared<const event>(past_event(seq, std::string(json))));
          return alive;
        });
    if (!scanned) log_error("conversation `{}`: {}", id_, scanned.error().message);
    if (!alive) return;
  }
  followers_.push_back({.sink = r.sink});
}

void conversation::detach(detach_request& r) {
  std::erase_if(followers_, [&](const follower& f) { return f.sink == r.sink; });
}

void conversation::cancel(cancel_request& r) {
  if (!taken_up_) return r.done(trouble());
  live_run* live = find(r.run);
  if (!live || live->at == live_run::phase::ending)
    return r.done(error{errc::not_found, "run `" + r.run + "` is not running"});
  end_early(*live, {errc::cancelled, "the client cancelled the run"});
  r.done({});
}

/// Now if it is the run at hand; otherwise when its turn comes.
void conversation::end_early(live_run& live, error why) {
  live.cancel = std::move(why);
  if (&live != runs_.front().get() || live.at != live_run::phase::running) return;
  const auto now = env_->time->now();
  take_step({.what = step::kind::cancel, .at = now, .failure = *live.cancel, .busy = busy(now)});
}

void conversation::client_left(const left_request& r) {
  live_run* live = find(r.run);
  if (!live || live->at == live_run::phase::ending || live->askers == 0) return;
  if (--live->askers > 0 || live->left == when_left::continues) return;
  end_early(*live, {errc::cancelled, "all clients that asked for the run are gone"});
}

void conversation::recover() {
  auto active = read_active(*env_->records, id_);
  if (!active) return log_error("conversation `{}`: {}", id_, active.error().message);
  if (active->empty()) return;
  for (const active_run& a : *active) {
    const std::string& run = a.run;
    auto record = read_run(*env_->records, run);
    auto steps = read_steps(*env_->records, run);
    if (!record || !*record || !steps) {
      log_error("run {} cannot be recovered: {}", run,
                !record  ? record.error().message
                : !steps ? steps.error().message
                         : "its record is gone");
      continue;
    }
    auto live = std::make_unique<live_run>(*env_->gate);
    live->record = std::move(**record);
    live->journalled = std::move(*steps);
    live->steps = live->journalled.size();
    live->on = env_->versions->take(run, live->record.graph_hash);
    live->taken_up = true;
    live->at = live_run::phase::waiting;
    record_.next_order = std::max(record_.next_order, live->record.order + 1);
    runs_.push_back(std::move(live));
  }
  recover_next_seq();
  count_runs();
  start_next();
}

/// Events of unfinished runs are newer than the conversation's own record.
void conversation::recover_next_seq() {
  auto scanned =
      env_->records->scan(family::events, joined_key(id_, ""), numbered_key(id_, record_.next_seq),
                          [&](std::string_view key, std::string_view) {
                            record_.next_seq = number_of_key(key) + 1;
                            return true;
                          });
  if (!scanned) log_error("conversation `{}`: {}", id_, scanned.error().message);
}

void conversation::watch_idle() {
  // Whoever leaves with a review that expires right now would be called back at once, and so on.
  if (!may_idle() || review_due() <= env_->time->now()) return;
  if (is_job(id_)) return offer_to_leave();
  idle_since_ = env_->time->now();
  schedule_wake();
}

/// The directory may be gone when the process ends.
void conversation::offer_to_leave() {
  if (const auto directory = caf::actor_cast<caf::actor>(env_->directory))
    caf::anon_send(directory, may_leave{id_, seen_, review_due()});
}

/// To those who wait for one run; who listens to the whole conversation comes back by itself.
void conversation::say_farewell(const farewell_ptr& f) {
  for (auto& live : runs_)
    for (auto& [sink, what] : live->submitters)
      if (what != follow::none) sink->deliver(f->told);
  std::erase_if(followers_, [&](const follower& each) {
    return !each.run.empty() && (each.sink->deliver(f->told), true);
  });
}

void conversation::on_leave_now() {
  for (auto& live : runs_) env_->versions->park(live->record.run, live->on);
  self_->quit();
}

}  // namespace troupe
