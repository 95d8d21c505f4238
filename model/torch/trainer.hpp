#pragma once
// How a classifier's network is fitted to examples.

#include "model/torch/network_file.hpp"
#include "model/training.hpp"

namespace troupe {

struct training_set {
  std::vector<std::vector<text_token>> texts;
  std::vector<std::int64_t> labels;  ///< same length; positions in the list of labels
};

/// Cross entropy with label smoothing; AdamW, for the embedding only over the rows a batch touches;
/// warm-up and cosine decay. `options.cancel` ends it with `cancelled`. The same input gives the
/// same network on one machine.
result<trained> fit_network(const training_set& data, std::int64_t label_count,
                            const train_options& options, const std::string& phase);

/// [texts, labels], on the CPU.
torch::Tensor predict_logits(const trained& model,
                             const std::vector<std::vector<text_token>>& texts,
                             const feature_options& features);

/// The temperature that makes softmax(logits / temperature) most likely to give `labels`
/// (Guo et al. 2017).
double fit_temperature(const torch::Tensor& logits, const std::vector<std::int64_t>& labels);

}  // namespace troupe
