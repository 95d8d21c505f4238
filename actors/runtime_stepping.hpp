#pragma once
// How `stepping` is done with CAF's test coordinator.

#include "actors/runtime_state.hpp"

namespace troupe {

/// For an actor system whose scheduler policy is `testing`. Stays valid as long as `in`.
std::unique_ptr<stepping> make_stepping(runtime::inside& in);

}  // namespace troupe
