#pragma once
// `lm` below `troupe train` and `troupe eval`.

#include "cli/command.hpp"

namespace troupe {

void add_train_lm(CLI::App& train_command, command_context& c);
void add_eval_lm(CLI::App& eval_command, command_context& c);

}  // namespace troupe
