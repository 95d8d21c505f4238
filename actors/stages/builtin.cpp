#include "actors/stages/builtin.hpp"

namespace troupe {

void add_builtin_stages(registry& r) {
  using add_function = void (*)(registry&);
  static constexpr add_function table[] = {
      stages::add_cache,     stages::add_context,  stages::add_feedback,     stages::add_generate,
      stages::add_grounding, stages::add_http,     stages::add_intent,       stages::add_knowledge,
      stages::add_moderate,  stages::add_review,   stages::add_satisfaction, stages::add_sentiment,
      stages::add_set,       stages::add_template,
  };
  for (auto add : table) add(r);
}

}  // namespace troupe
