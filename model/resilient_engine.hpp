#pragma once
// Engines that try again: what they need to know of a call, and what they tell, beyond `engine`.

#include "pipeline/engine_figures.hpp"
#include "pipeline/stage.hpp"

namespace troupe {

struct engine_call {
  const generation_request& request;
  std::function<void(std::string_view)> on_text;
  /// Takes back everything that `on_text` was given: the text begins anew. Empty: that cannot be
  /// done, so an engine that fails after its first piece has failed.
  std::function<void()> rewind = {};
  /// Told what tries have used that did not lead to the answer. A call that ends with an error is
  /// itself told of by whoever asked. Empty: nobody counts.
  std::function<void(usage)> wasted = {};
  /// Somebody else is asked if no text has come by then: an engine that can tell gives up with
  /// `timeout`.
  time_point begin_by = time_point::max();
  bool again = false;  ///< an attempt of the same stage has failed before
};

struct engine_answer {
  generation made;
  std::string reasoning;  ///< what the model thought first, where it is told apart from the text
};

/// Thread-safe.
class resilient_engine : public engine, public keeps_figures {
 public:
  virtual result<engine_answer> answer(const engine_call& call) = 0;

  result<generation> generate(const generation_request& request,
                              const std::function<void(std::string_view)>& on_text) override;
};

/// Asks any engine, with as much of the call as it understands.
result<engine_answer> ask(engine& e, const engine_call& call);

/// Of any engine; nothing but zeros of one that keeps none.
engine_figures figures_of(const engine& e);

}  // namespace troupe
