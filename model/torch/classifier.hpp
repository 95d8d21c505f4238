#pragma once
// Classifiers on disk (see network_file.hpp) and in use. Their config.json has the labels, the
// temperature, and what was measured when it was trained.

#include "model/torch/trainer.hpp"
#include "pipeline/services.hpp"

namespace troupe {

struct classifier_file : network_file {
  std::vector<std::string> labels;
  double temperature = 1;
};

/// `validation` is written into config.json for people to read. Returns the size in bytes.
result<std::int64_t> save_classifier(const std::filesystem::path& folder,
                                     const classifier_file& content, const eval_report& validation);
result<classifier_file> read_classifier(const std::filesystem::path& folder);

result<std::shared_ptr<const classifier>> open_classifier(const std::filesystem::path& folder);

/// See training.hpp.
result<train_report> train_and_save(const train_options& options);
result<eval_report> cross_validate_network(const train_options& options, int folds);
result<eval_report> evaluate_folder(const eval_options& options);

}  // namespace troupe
