#pragma once
// troupe train encoder and troupe eval encoder.

#include "cli/command.hpp"
#include "model/training.hpp"

namespace troupe {

void add_train_encoder(CLI::App& train_command, command_context& c);
void add_eval_encoder(CLI::App& eval_command, command_context& c);

/// On standard error: a line that is written over and over in a terminal, else one now and then.
void show_progress(const train_progress& p);

}  // namespace troupe
