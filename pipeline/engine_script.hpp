#pragma once
// What a scripted engine is to answer: plain data, read from test files and played by
// model/scripted_engine.hpp.

#include "pipeline/clock.hpp"
#include "pipeline/error.hpp"

#include <vector>

namespace troupe {

struct scripted_answer {
  std::string text;
  std::optional<error> failure;  ///< instead of a text
  duration takes{};              ///< how long it lets its caller wait, by the clock of the test
};

/// A rule holds if every text of `prompt` occurs in what the engine is asked. Its answers come one
/// after another; the last stays.
struct engine_rule {
  std::vector<std::string> prompt;
  std::vector<scripted_answer> answers;
};

/// The first rule that holds answers.
using engine_script = std::vector<engine_rule>;

}  // namespace troupe
