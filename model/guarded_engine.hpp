#pragma once
// An engine that is watched: its figures are kept, a circuit breaker spares it when it is down, and
// another engine steps in.

#include "model/resilient_engine.hpp"
#include "pipeline/breaker.hpp"

namespace troupe {

struct guard_options {
  std::string name;  ///< of the [model.NAME], for errors
  breaker_policy breaker;
  std::shared_ptr<engine> fallback;  ///< nullptr: none
  const clock* time = &system_clock();
};

/// When `inner` is down or over capacity (not when it refuses what is asked of it, nor when the
/// caller's time or budget is used up), `fallback` is asked: if no text has come yet, or what has
/// come can be taken back. A stage that tries again comes to the fallback at once if `inner` failed
/// last. With a fallback, `inner` has half of the time that is left to begin. An engine that has
/// nothing to say before the deadline counts as down.
std::shared_ptr<resilient_engine> make_guarded_engine(std::shared_ptr<engine> inner,
                                                      guard_options options);

}  // namespace troupe
