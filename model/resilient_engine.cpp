#include "model/resilient_engine.hpp"

#include "model/api.hpp"

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
  if (const auto* keeper = dynamic_cast<const keeps_figures*>(&e)) return keeper->figures();
  const auto* local = dynamic_cast<const language_model*>(&e);
  if (!local) return {};
  const engine_load now = local->load();
  engine_figures f;
  f.waiting = now.waiting;
  if (now.blocks > 0)
    f.cache_used = static_cast<double>(now.blocks_in_use) / static_cast<double>(now.blocks);
  f.reused_tokens = now.reused_tokens;
  f.cancelled = now.cancelled;
  f.tokens_after_cancel = now.tokens_after_cancel;
  return f;
}

}  // namespace troupe
