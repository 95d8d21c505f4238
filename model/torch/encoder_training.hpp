#pragma once
// How an encoder is fitted to groups of texts, and how it is measured.

#include "model/encoder_training.hpp"

namespace troupe {

/// See model/encoder_training.hpp.
result<encoder_report> train_encoder_folder(const encoder_options& options);
result<retrieval_report> evaluate_encoder_folder(const encoder_eval_options& options);

}  // namespace troupe
