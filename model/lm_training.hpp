#pragma once
// Training a small language model of one's own, and measuring it. Data are JSONL files: one object
// a line, `prompt` and `answer` (texts) and, for measuring, `fact` (a text that the answer must
// carry). Empty lines are skipped.

#include "model/prompt_format.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace troupe {

struct lm_example {
  std::string prompt, answer, fact;
};

/// All examples of the files, in order; a folder stands for its *.jsonl files, by name. An error
/// names file and line.
result<std::vector<lm_example>> read_lm_examples(const std::vector<std::filesystem::path>& data);

struct lm_progress {
  std::int64_t step = 0, steps = 0;
  double loss = 0;  ///< of the answers' tokens, a running mean
  double tokens_per_second = 0;
  double seconds_left = 0;
};

struct lm_options {
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;     ///< made if it is missing; the model's files in it are replaced
  std::filesystem::path format;  ///< a prompt_format.json, copied into the model; empty: none
  /// A model's folder to begin from: its vocabulary is kept, and its weights are where training
  /// begins. It is as wide, and has as many layers or a whole part of them; the layers between
  /// change nothing at first. Empty: from nothing.
  std::filesystem::path init;
  std::uint64_t seed = 1;
  std::int64_t steps = 2000;
  std::int64_t batch_tokens = 4096;  ///< of one step, padding included
  std::int64_t vocabulary = 4096;
  std::int64_t hidden = 192, layers = 6, heads = 6, intermediate = 512;
  std::int64_t context = 1024;
  double learning_rate = 2e-3;
  double weight_decay = 0.05;
  double prompt_loss = 0.1;  ///< weight of the prompt's tokens, of which one in eight is looked at
  double clip = 1;           ///< largest norm of a step's gradient
  double held_out = 0.01;    ///< part of the examples kept for the loss in the report
  std::int64_t save_every = 200;  ///< steps between two checkpoints, each a usable model
  bool resume = false;            ///< go on from the checkpoint in `out`
  int threads = 2;
  std::stop_token cancel;
  std::function<void(const lm_progress&)> progress;
};

struct lm_report {
  std::int64_t examples = 0, parameters = 0, vocabulary = 0, bytes = 0;
  double loss = 0;           ///< at the end of training
  double held_out_loss = 0;  ///< 0 if nothing was kept
  double seconds = 0;
};

/// Learns a vocabulary and a Llama decoder from `data` and writes config.json, tokenizer.json,
/// model.safetensors (BF16) and generation texts' format into `out`: a folder that `kind = "local"`
/// opens. The same data, options and seed give the same files on one machine, and so does a
/// training that was interrupted and resumed. Loads the model module first.
result<lm_report> train_lm(const lm_options& options);

struct lm_eval_options {
  std::filesystem::path model;
  std::vector<std::filesystem::path> data;
  std::int64_t max_tokens = 128;
};

struct lm_miss {
  std::string prompt, expected, reply;
};

struct lm_eval_report {
  std::int64_t examples = 0;
  std::int64_t exact = 0;      ///< the reply is the example's answer
  std::int64_t with_fact = 0;  ///< examples that name a fact
  std::int64_t fact_told = 0;  ///< of those, replies that carry it
  std::int64_t invented = 0;   ///< replies with a number that is not in the prompt
  double seconds = 0;
  std::vector<lm_miss> misses;  ///< without the fact; of examples without one, not exact
};

/// Asks the model in `options.model` every prompt of the data, greedily.
result<lm_eval_report> evaluate_lm(const lm_eval_options& options);

}  // namespace troupe
