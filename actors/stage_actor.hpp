#pragma once
// One replica of a stage as an actor: it takes calls, runs the author's code, and answers each call
// once. If that code throws, the call is answered with `crashed` and the actor ends, so that the
// supervisor puts a fresh one in its place; calls still in its mailbox come back to their senders.

#include "actors/interfaces.hpp"

namespace troupe {

/// `place` decides between the scheduler's threads and a thread of its own.
stage_handle spawn_stage(caf::actor_system& system, placement where, std::string name,
                         std::unique_ptr<stage_instance> instance,
                         std::shared_ptr<const stage_services> services, const clock& time);

}  // namespace troupe
