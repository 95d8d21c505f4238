#pragma once
// Stands between a real actor that serves as a stage and its callers, so that every call is
// answered once whatever that actor does: it throws, quits without a word, lets go of a promise,
// answers with an error of CAF's, with nothing, or with outputs that are not the stage's.
//
// An actor that dies says not of what. If one call was with it, of that one: it ends as `crashed`.
// If there were several, they go back to their callers, and each that comes again has the next
// actor to itself, so that the guilty one is known then.

#include "actors/interfaces.hpp"
#include "pipeline/graph.hpp"

namespace troupe {

/// Takes `inside` over: they end together.
stage_handle spawn_guard(caf::actor_system& system, const stage_node& node, stage_handle inside,
                         const clock& time);

}  // namespace troupe
