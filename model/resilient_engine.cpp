#include "model/resilient_engine.hpp"

namespace troupe {

result<generation> resilient_engine::generate(
    const generation_request& request, const std::function<void(std::string_view)>& on_text) {
  auto answered = answer({.request = request, .on_text = on_text});
  if (!answered) return std::move(answered).error();
  return std::move(answered->made);
}

result<engine_answer> ask(engine& e, const engine_call& call) {
  if (auto* resilient = dynamic_cast<resilient_engine*>(&e)) return resilient->answer(call);
  auto made = e.generate(call.request, call.on_text);
  if (!made) return std::move(made).error();
  return engine_answer{*std::move(made), {}};
}

engine_figures figures_of(const engine& e) {
  const auto* resilient = dynamic_cast<const resilient_engine*>(&e);
  return resilient ? resilient->figures() : engine_figures();
}

}  // namespace troupe
