#pragma once
// Spawns the replicas of every stage of a deployed graph, watches them, and puts a new one in the
// place of each that dies: at once if it had answered calls before, otherwise after a pause that
// doubles up to the policy's maximum. After `restart.max` fruitless restarts within
// `restart.within` the replica is left alone for that time; its stage then refuses calls, and runs
// take their `on_error` path.
//
// A replica that goes on with a call for a while after it was given up hangs: a new one takes its
// place, what waits behind that call goes there, and the old one is a zombie until it comes back. A
// stage may have so many of them and no more, for each holds a thread.

#include "actors/stage_pool.hpp"

namespace troupe {

/// A graph with its stages alive. Runs hold it for as long as they need it.
struct deployment {
  std::shared_ptr<const graph> plan;
  std::shared_ptr<const stage_services> services;
  std::vector<std::unique_ptr<stage_pool>> pools;  ///< by stage_id
  std::atomic<std::uint64_t> begun{0};             ///< runs
  /// Where stages go that block: the simulation has one thread for all.
  placement blocking = placement::own_thread;

  /// One replica. Errors: what the stage's `open` says.
  result<stage_handle> spawn(caf::actor_system& system, stage_id stage, const clock& time) const;
};

/// Spawns all replicas; the first failure to open a stage ends it with that error. The returned
/// actor supervises until it is sent an exit.
result<caf::actor> supervise(caf::actor_system& system, std::shared_ptr<deployment> d,
                             const clock& time);

}  // namespace troupe
