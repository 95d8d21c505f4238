#pragma once
// The stages that come with Troupe, one file each.

#include "pipeline/registry.hpp"

namespace troupe {

/// Adds every built-in stage.
void add_builtin_stages(registry& r);

namespace stages {

void add_cache(registry& r);
void add_context(registry& r);
void add_feedback(registry& r);
void add_generate(registry& r);
void add_grounding(registry& r);
void add_http(registry& r);
void add_intent(registry& r);
void add_knowledge(registry& r);
void add_moderate(registry& r);
void add_review(registry& r);
void add_satisfaction(registry& r);
void add_sentiment(registry& r);
void add_set(registry& r);
void add_template(registry& r);

}  // namespace stages

}  // namespace troupe
