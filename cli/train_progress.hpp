#pragma once

#include "model/training.hpp"

namespace troupe {

/// On standard error: a line that is written over and over in a terminal, else one now and then.
void show_progress(const train_progress& p);

}  // namespace troupe
