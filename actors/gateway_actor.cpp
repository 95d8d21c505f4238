#include "actors/gateway_actor.hpp"

#include "pipeline/log.hpp"
#include "pipeline/review.hpp"

#include <unordered_map>

namespace troupe {

namespace {

using tick_atom = caf::atom_constant<caf::atom("tick")>;
using expiry_atom = caf::atom_constant<caf::atom("expiry")>;
constexpr auto tick = std::chrono::milliseconds(50);

struct entry {
  caf::actor actor;
  std::uint64_t sent = 0;
};

struct gateway_state {
  static inline const char* name = "gateway";
  std::shared_ptr<conversation_environment> env;
  std::shared_ptr<std::atomic<std::size_t>> live;
  std::unordered_map<std::string, entry> conversations;
  std::vector<std::string> young;  ///< jobs made since the last tick
  bool ticking = false;
  time_point expiry = time_point::max();  ///< when the next review of nobody's in memory expires
};

using gateway_self = caf::stateful_actor<gateway_state>*;

void hand_on(gateway_self self, const request_ptr& r) {
  auto& s = self->state;
  entry& e = s.conversations[r->conversation];
  if (!e.actor) {
    e.actor = spawn_conversation(self->system(), r->conversation, s.env);
    s.live->store(s.conversations.size(), std::memory_order_relaxed);
    if (is_job(r->conversation)) {
      s.young.push_back(r->conversation);
      if (!std::exchange(s.ticking, true)) self->delayed_send(self, tick, tick_atom::value);
    }
  }
  ++e.sent;
  if (overtakes(*r))
    self->send<caf::message_priority::high>(e.actor, r);
  else
    self->send(e.actor, r);
}

/// One timer for the earliest expiry; the store knows the others.
void arm_expiry(gateway_self self, time_point due) {
  auto& s = self->state;
  if (due >= s.expiry) return;
  s.expiry = due;
  const auto pause = std::max(duration(0), due - s.env->time->now());
  self->delayed_send(self, pause, expiry_atom::value);
}

void on_expiry(gateway_self self) {
  auto& s = self->state;
  const auto now = s.env->time->now();
  s.expiry = time_point::max();
  auto runs = read_expired(*s.env->records, now);
  if (!runs) return log_error("expired reviews cannot be read: {}", runs.error().message);
  for (const std::string& run : *runs)
    if (auto record = read_run(*s.env->records, run); record && *record) {
      auto name = (*record)->conversation.empty() ? job_name(run) : (*record)->conversation;
      hand_on(self, std::make_shared<conversation_request>(
                        conversation_request{std::move(name), recover_request{}}));
    }
  arm_expiry(self, next_expiry(*s.env->records, now));
}

void let_go(gateway_self self, const may_leave& m) {
  auto& s = self->state;
  auto it = s.conversations.find(m.conversation);
  if (it == s.conversations.end() || it->second.sent != m.seen) return;
  self->send(it->second.actor, leave_now{});
  s.conversations.erase(it);
  arm_expiry(self, m.due);
  s.live->store(s.conversations.size(), std::memory_order_relaxed);
}

/// Jobs that are still there arm their own timers now; most have ended and never need one.
void on_tick(gateway_self self) {
  auto& s = self->state;
  s.ticking = false;
  for (const std::string& name : std::exchange(s.young, {}))
    if (auto it = s.conversations.find(name); it != s.conversations.end())
      self->send(it->second.actor, wake_up{0});
}

caf::behavior gateway_behavior(gateway_self self, std::shared_ptr<conversation_environment> env,
                               std::shared_ptr<std::atomic<std::size_t>> live) {
  env->directory = self->address();
  self->state.env = std::move(env);
  self->state.live = std::move(live);
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (auto& [name, e] : self->state.conversations)
      self->send_exit(e.actor, caf::exit_reason::user_shutdown);
    self->quit(exit.reason);
  });
  arm_expiry(self, next_expiry(*self->state.env->records, time_point::min()));
  return {
      [self](const request_ptr& r) {
        // The directory itself must outlive whatever happens to one request.
        try {
          hand_on(self, r);
        } catch (const std::exception& e) {
          log_error("a request for `{}` could not be handed on: {}", r->conversation, e.what());
          answer_error(*r, {errc::internal, std::string("it could not be taken: ") + e.what()});
        }
      },
      [self](const may_leave& m) { let_go(self, m); },
      [self](tick_atom) { on_tick(self); },
      [self](expiry_atom) { on_expiry(self); },
      [self](const farewell_ptr& f) {
        for (auto& [name, e] : self->state.conversations) self->send(e.actor, f);
      },
  };
}

}  // namespace

caf::actor spawn_gateway(caf::actor_system& system, std::shared_ptr<conversation_environment> env,
                         std::shared_ptr<std::atomic<std::size_t>> live) {
  return system.spawn(gateway_behavior, std::move(env), std::move(live));
}

}  // namespace troupe
