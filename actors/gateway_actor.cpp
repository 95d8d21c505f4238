#include "actors/gateway_actor.hpp"

#include <unordered_map>

namespace troupe {

namespace {

using tick_atom = caf::atom_constant<caf::atom("tick")>;
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
  self->send(e.actor, r);
}

void let_go(gateway_self self, const may_leave& m) {
  auto& s = self->state;
  auto it = s.conversations.find(m.conversation);
  if (it == s.conversations.end() || it->second.sent != m.seen) return;
  self->send(it->second.actor, leave_now{});
  s.conversations.erase(it);
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

caf::behavior behavior(gateway_self self, std::shared_ptr<conversation_environment> env,
                       std::shared_ptr<std::atomic<std::size_t>> live) {
  env->directory = self;
  self->state.env = std::move(env);
  self->state.live = std::move(live);
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (auto& [name, e] : self->state.conversations)
      self->send_exit(e.actor, caf::exit_reason::user_shutdown);
    // The environment knows this actor and this actor the environment.
    self->state.env->directory = nullptr;
    self->quit(exit.reason);
  });
  return {
      [self](const request_ptr& r) { hand_on(self, r); },
      [self](const may_leave& m) { let_go(self, m); },
      [self](tick_atom) { on_tick(self); },
  };
}

}  // namespace

caf::actor spawn_gateway(caf::actor_system& system,
                         std::shared_ptr<conversation_environment> env,
                         std::shared_ptr<std::atomic<std::size_t>> live) {
  return system.spawn(behavior, std::move(env), std::move(live));
}

}  // namespace troupe
