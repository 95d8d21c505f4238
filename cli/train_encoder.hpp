#pragma once
// troupe train encoder and troupe eval encoder.

#include "cli/command.hpp"

namespace troupe {

void add_train_encoder(CLI::App& train_command, command_context& c);
void add_eval_encoder(CLI::App& eval_command, command_context& c);

}  // namespace troupe
