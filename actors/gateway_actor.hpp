#pragma once
// The directory of live conversations: finds or makes the actor of a name and hands requests on, in
// order. A conversation that wants to leave is let go only if no request is on its way to it.

#include "actors/conversation.hpp"

namespace troupe {

/// `env` is completed with the actor's own handle before the first conversation is made.
/// `live`: how many conversations there are, kept up to date for `/metrics`.
caf::actor spawn_gateway(caf::actor_system& system,
                         std::shared_ptr<conversation_environment> env,
                         std::shared_ptr<std::atomic<std::size_t>> live);

}  // namespace troupe
