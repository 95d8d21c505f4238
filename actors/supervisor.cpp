#include "actors/supervisor.hpp"

#include "actors/actor_guard.hpp"
#include "actors/stage_actor.hpp"
#include "pipeline/log.hpp"
#include "pipeline/retry.hpp"

#include <deque>

namespace troupe {

namespace {

using respawn_atom = caf::atom_constant<caf::atom("respawn")>;
using abandoned_atom = caf::atom_constant<caf::atom("abandoned")>;
using silent_atom = caf::atom_constant<caf::atom("silent")>;

/// How long a replica whose call was given up may go on being silent. Its stop token is set.
constexpr auto hangs_after = std::chrono::seconds(1);
/// Then, when there may be no more zombies, how long until it is looked at again.
constexpr auto look_again = std::chrono::seconds(10);
constexpr int most_zombies = 8;

struct child {
  stage_id stage = no_stage;
  std::size_t replica = 0;
  std::deque<time_point> fruitless;  ///< restarts of a replica that had done nothing
};

struct supervisor_state {
  static inline const char* name = "supervisor";
  std::shared_ptr<deployment> d;
  const clock* time = nullptr;
  std::vector<child> children;
  std::map<caf::actor_addr, std::size_t> by_actor;
};

using supervisor_self = caf::stateful_actor<supervisor_state>*;

void after(supervisor_self self, duration pause, std::size_t index) {
  self->delayed_send(self, pause, respawn_atom::value, index);
}

void respawn(supervisor_self self, std::size_t index) {
  auto& s = self->state;
  child& c = s.children[index];
  stage_pool& pool = *s.d->pools[static_cast<std::size_t>(c.stage)];
  auto fresh = s.d->spawn(self->system(), c.stage, *s.time);
  if (!fresh) {
    log_error("stage `{}` cannot be restarted: {}", pool.node().name, fresh.error().message);
    c.fruitless.push_back(s.time->now());
    pool.give_up();
    return after(self, pool.node().restart.backoff_max, index);
  }
  self->monitor(*fresh);
  s.by_actor[fresh->address()] = index;
  pool.put(c.replica, std::move(*fresh));
}

/// A call of this replica was given up a while ago.
void on_silent(supervisor_self self, std::size_t index, std::uint32_t generation,
               std::uint64_t ticket) {
  auto& s = self->state;
  child& c = s.children[index];
  stage_pool& pool = *s.d->pools[static_cast<std::size_t>(c.stage)];
  switch (pool.look(c.replica, generation, ticket)) {
    case stage_pool::silence::over:
      return;
    case stage_pool::silence::behind:
      return self->delayed_send(self, hangs_after, silent_atom::value, index, generation, ticket);
    case stage_pool::silence::hangs:
      break;
  }
  if (pool.zombies() >= most_zombies) {
    log_error("stage `{}` replica {} hangs, and so do {} that were replaced; it is left as it is",
              pool.node().name, c.replica, most_zombies);
    pool.leave_alone(c.replica);
    self->delayed_send(self, look_again, silent_atom::value, index, generation, ticket);
    return;
  }
  auto fresh = s.d->spawn(self->system(), c.stage, *s.time);
  if (!fresh)
    return log_error("stage `{}` cannot be replaced: {}", pool.node().name, fresh.error().message);
  // Whatever becomes of the old one is nobody's loss.
  std::erase_if(s.by_actor, [&](const auto& entry) { return entry.second == index; });
  self->monitor(*fresh);
  s.by_actor[fresh->address()] = index;
  pool.replace(c.replica, std::move(*fresh));
  log_warning("stage `{}` replica {} hangs past its time; another takes its place ({} zombies)",
              pool.node().name, c.replica, pool.zombies());
}

void on_down(supervisor_self self, const caf::down_msg& down) {
  auto& s = self->state;
  auto it = s.by_actor.find(down.source);
  if (it == s.by_actor.end()) return;
  const auto index = it->second;
  s.by_actor.erase(it);
  child& c = s.children[index];
  stage_pool& pool = *s.d->pools[static_cast<std::size_t>(c.stage)];
  const restart_policy& policy = pool.node().restart;
  const bool worked = pool.has_worked(c.replica);
  pool.take_out(c.replica);

  const auto now = s.time->now();
  while (!c.fruitless.empty() && c.fruitless.front() + policy.within < now) c.fruitless.pop_front();
  if (worked) {
    c.fruitless.clear();
    log_warning("stage `{}` replica {} went down ({}); restarting it now", pool.node().name,
                c.replica, to_string(down.reason));
    return respawn(self, index);
  }
  c.fruitless.push_back(now);
  if (static_cast<int>(c.fruitless.size()) > policy.max) {
    log_error(
        "stage `{}` replica {} went down {} times without answering a call; "
        "left alone for {}",
        pool.node().name, c.replica, c.fruitless.size(), format_duration(policy.within));
    pool.give_up();
    return after(self, policy.within, index);
  }
  retry_policy pauses{.backoff_min = policy.backoff_min, .backoff_max = policy.backoff_max};
  const auto pause = retry_pause(pauses, {}, static_cast<int>(c.fruitless.size()) + 1,
                                 static_cast<std::uint64_t>(now.time_since_epoch().count()));
  log_warning("stage `{}` replica {} went down ({}); restart {} of {} in {}", pool.node().name,
              c.replica, to_string(down.reason), c.fruitless.size(), policy.max,
              format_duration(pause));
  after(self, pause, index);
}

caf::behavior supervisor_behavior(supervisor_self self, std::shared_ptr<deployment> d,
                                  const clock* time,
                                  const std::vector<std::pair<child, stage_handle>>& first) {
  self->state.d = std::move(d);
  self->state.time = time;
  for (const auto& [c, actor] : first) {
    self->state.by_actor[actor.address()] = self->state.children.size();
    self->state.children.push_back(c);
    self->monitor(actor);
  }
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (const auto& entry : self->state.by_actor)
      if (auto actor = caf::actor_cast<caf::actor>(entry.first))
        self->send_exit(actor, caf::exit_reason::user_shutdown);
    self->quit(exit.reason);
  });
  return {
      [self](respawn_atom, std::size_t index) { respawn(self, index); },
      [self](abandoned_atom, std::size_t index, std::uint32_t generation, std::uint64_t ticket) {
        self->delayed_send(self, hangs_after, silent_atom::value, index, generation, ticket);
      },
      [self](silent_atom, std::size_t index, std::uint32_t generation, std::uint64_t ticket) {
        on_silent(self, index, generation, ticket);
      },
  };
}

}  // namespace

result<stage_handle> deployment::spawn(caf::actor_system& system, stage_id stage,
                                       const clock& time) const {
  const stage_node& n = plan->stages[static_cast<std::size_t>(stage)];
  try {
    if (n.type->spawn.has_value()) {
      const auto* spawner = std::any_cast<stage_spawner>(&n.type->spawn);
      if (!spawner)
        return error{errc::invalid_request, "stage type `" + n.type->name +
                                                "` was added with something that is no "
                                                "`stage_spawner`"};
      auto actor = (*spawner)(system, n.with, n.ports);
      if (!actor) return error{errc::failed, "stage `" + n.name + "`: its spawner gave no actor"};
      return spawn_guard(system, n, std::move(actor), time);
    }
    auto instance = n.type->make(n.with, *services, n.ports);
    if (!instance)
      return error{instance.error().code, "stage `" + n.name + "`: " + instance.error().message};
    const auto where = n.type->where == placement::own_thread ? blocking : placement::shared;
    return spawn_stage(system, where, n.name, std::move(*instance), services, time);
  } catch (const std::exception& e) {
    return error{errc::failed, "stage `" + n.name + "` threw while opening: " + e.what()};
  }
}

result<caf::actor> supervise(caf::actor_system& system, std::shared_ptr<deployment> d,
                             const clock& time) {
  std::vector<std::pair<child, stage_handle>> first;
  for (std::size_t i = 0; i < d->plan->stages.size(); ++i) {
    auto& pool = *d->pools[i];
    for (std::size_t r = 0; r < static_cast<std::size_t>(pool.node().replicas); ++r) {
      auto actor = d->spawn(system, static_cast<stage_id>(i), time);
      if (!actor) {
        for (auto& [c, started] : first)
          caf::anon_send_exit(started, caf::exit_reason::user_shutdown);
        return std::move(actor).error();
      }
      pool.put(r, *actor);
      first.emplace_back(child{static_cast<stage_id>(i), r, {}}, *actor);
    }
  }
  auto supervisor = system.spawn(supervisor_behavior, d, &time, first);
  for (std::size_t i = 0; i < first.size(); ++i) {
    const child& c = first[i].first;
    stage_pool& pool = *d->pools[static_cast<std::size_t>(c.stage)];
    if (c.replica > 0) continue;
    // The replicas of a stage follow each other. The supervisor holds the deployment and so the
    // pool: a strong reference back would keep all of them for ever.
    pool.watch_abandoned([weak = caf::actor_cast<caf::actor_addr>(supervisor), i](
                             std::size_t replica, std::uint32_t generation, std::uint64_t ticket) {
      if (auto to = caf::actor_cast<caf::actor>(weak))
        caf::anon_send(to, abandoned_atom::value, i + replica, generation, ticket);
    });
  }
  return supervisor;
}

}  // namespace troupe
