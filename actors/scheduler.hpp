#pragma once
// Who runs the actors. CAF's own policies either wake a thread for every message between two actors
// (work sharing) or let every idle thread poll (work stealing). Here an actor that is woken on one
// of these threads runs next on the same thread, where its message is still in the cache, and nobody
// is woken for it; whatever else there is to do waits in one queue for all. Waking a thread takes
// longer than most of what there is to do: only for what comes from outside is it done at once.
//
// A thread may be held up by a stage that computes for long, and what waits behind it has to go
// elsewhere. So while anything runs, one idle thread looks on every millisecond: it takes over what
// is in the queue, and the actor that is to run next on a thread that got no further meanwhile. When
// nothing runs, nobody wakes up.

#include <caf/fwd.hpp>

namespace troupe {

/// For the configuration of an actor system, before the system is made. Reads CAF's
/// `scheduler.max-threads` and `scheduler.max-throughput`.
void use_own_scheduler(caf::actor_system_config& config);

}  // namespace troupe
