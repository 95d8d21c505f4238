#pragma once
// Data in, a model's folder out: what stands around lm_trainer.

#include "model/lm_training.hpp"

namespace troupe {

result<lm_report> train_lm_folder(const lm_options& options);

}  // namespace troupe
