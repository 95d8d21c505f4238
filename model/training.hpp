#pragma once
// Training and measuring text classifiers (intents, sentiment). Data are TSV files: label TAB text,
// one example a line; empty lines and lines that start with `#` are skipped.

#include "model/features.hpp"
#include "pipeline/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// The label that means "none of the others".
inline constexpr std::string_view out_of_scope_label = "out_of_scope";

struct labelled_text {
  std::string label;
  std::string text;
};

/// All examples of the files, in order; exact duplicates once. An error names file and line.
result<std::vector<labelled_text>> read_labelled(const std::vector<std::filesystem::path>& files);

/// How a classifier is measured.
struct label_score {
  std::string label;
  std::int64_t support = 0;  ///< examples that have this label
  double precision = 0, recall = 0, f1 = 0;
};

struct confusion {
  std::string truth, guess;
  std::int64_t count = 0;
};

/// An example that was answered wrongly.
struct mistake {
  std::string text, truth, guess;
  double confidence = 0;
};

struct eval_report {
  std::int64_t examples = 0;
  double accuracy = 0;           ///< over all examples, no threshold
  double in_scope_accuracy = 0;  ///< over examples whose label is not `out_of_scope`, no threshold
  double macro_f1 = 0;
  double threshold = 0;
  /// Of the out-of-scope examples, those answered `out_of_scope` or below the threshold; of the
  /// others, those answered rightly and not below it. 0 where there are none.
  double out_of_scope_recall = 0, accepted_accuracy = 0;
  double calibration_error = 0;       ///< expected, over 15 bins of confidence
  std::vector<label_score> labels;    ///< by name
  std::vector<confusion> confusions;  ///< most frequent first
  std::vector<mistake> mistakes;      ///< in order of the data
};

struct prediction {
  std::string label;
  double confidence = 0;
};

/// Compares `predictions[i]` with `truth[i]`. Pure.
eval_report score_predictions(const std::vector<labelled_text>& truth,
                              const std::vector<prediction>& predictions, double threshold);

struct train_progress {
  std::string phase;  ///< "validation" (on a part of the data) or "final" (on all)
  int epoch = 0, epochs = 0;
  double loss = 0;
};

struct train_options {
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;  ///< made if it is missing; files in it are replaced
  std::uint64_t seed = 1;
  int epochs = 40;
  int batch = 64;
  int width = 96;  ///< of the embedding
  int least = 2;   ///< n-grams of fewer texts than this are left out
  double learning_rate = 4e-3;
  double weight_decay = 0.02;
  double dropout = 0.3;          ///< of the embedding
  double feature_dropout = 0.3;  ///< of single features
  double typos = 0.15;           ///< chance of a typing error, per word
  double word_dropout = 0.1;
  double label_smoothing = 0.05;
  double held_out = 0.1;  ///< part kept for the temperature and the accuracy in the report
  double threshold = 0.5;
  int threads = 2;
  feature_options features;
  std::stop_token cancel;
  std::function<void(const train_progress&)> progress;
};

struct train_report {
  std::int64_t examples = 0, labels = 0, features = 0, bytes = 0;
  double temperature = 1;
  double seconds = 0;
  eval_report validation;  ///< of a model that has not seen the held-out part
};

struct eval_options {
  std::filesystem::path model;
  std::vector<std::filesystem::path> data;
  double threshold = 0.5;
};

/// Trains on all of `data` and writes `out/model.safetensors` and `out/config.json`. The same data,
/// options and seed give the same files on one machine. Loads the model module first.
result<train_report> train_classifier(const train_options& options);

/// Trains `folds` times, each time without another part of the data, and scores every example by
/// the network that has not seen it. Parts are drawn by `options.seed`; nothing is written.
result<eval_report> cross_validate(const train_options& options, int folds);

/// Measures the classifier in `options.model`.
result<eval_report> evaluate_classifier(const eval_options& options);

}  // namespace troupe
