#pragma once
// Training and measuring text encoders. Data are the TSV files of training.hpp: group TAB text.
// Texts of one group mean the same, those of different groups in one file do not; between files
// nothing is said. Texts of the group `out_of_scope` mean what no other text does.

#include "model/training.hpp"

#include <optional>

namespace troupe {

/// What training an encoder takes in place of `train_options`' own values.
inline train_options encoder_defaults() {
  train_options o;
  o.epochs = 20;
  o.batch = 128;
  o.width = 128;
  o.dropout = 0.2;
  o.typos = o.word_dropout = 0.1;
  o.threads = 1;  // a step is too small to be shared
  return o;
}

struct encoder_options {
  train_options common = encoder_defaults();  ///< `width`: of the vectors
  double temperature = 0.05;                  ///< of the softmax over a batch's similarities
};

struct encoder_report {
  std::int64_t examples = 0, groups = 0, features = 0, bytes = 0;
  double seconds = 0;
};

/// How well texts find their group.
struct retrieval_score {
  double top1 = 0, top3 = 0;  ///< part of the texts whose group is the first, or in the first three
  double mrr = 0;             ///< mean of 1 / rank of their group
};

/// Adds up ranks. Pure.
retrieval_score score_ranks(const std::vector<std::int64_t>& ranks);

struct retrieval_report {
  std::int64_t texts = 0;  ///< that were looked for
  retrieval_score wording, meaning, both;
};

struct encoder_eval_options {
  std::filesystem::path model;
  std::vector<std::filesystem::path> data;
  /// Where texts are looked for; empty: each among all others of `data`.
  std::vector<std::filesystem::path> among;
  std::optional<double> wording;  ///< how much wording counts in `both`; nothing: as the model says
};

/// Trains on all of the data and writes model.safetensors and config.json into `common.out`. The
/// same data, options and seed give the same files on one machine. Loads the model module first.
result<encoder_report> train_encoder(const encoder_options& options);

/// Looks each text up in an index by wording, by the encoder alone, and in one of both. The rank of
/// a group is that of its nearest text; texts whose group is not there are left out.
result<retrieval_report> evaluate_encoder(const encoder_eval_options& options);

}  // namespace troupe
