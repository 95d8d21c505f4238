#pragma once
// Models and servers for the simulation: they say anything that the real ones could say, drawn from
// the seed, and nothing of them is loaded.

#include "actors/sim/world.hpp"
#include "pipeline/stage.hpp"

namespace troupe::sim {

/// A text of some words, in English or Chinese.
std::string some_text(dice& chance);

/// Keeps `max_tokens` and `total_tokens`; a token is a character.
std::shared_ptr<engine> scripted_engine(dice& chance);
/// Classifiers know the labels of the `config.json` in their folder and give any of them.
std::shared_ptr<model_library> scripted_library(dice& chance);
std::shared_ptr<http_client> scripted_http(dice& chance);

}  // namespace troupe::sim
