#pragma once
// How a language model is fitted to sequences of tokens.

#include "model/lm_data.hpp"
#include "model/torch/lm_network.hpp"

#include <span>

namespace troupe {

/// AdamW (Loshchilov, Hutter 2019) with warm-up, cosine decay and clipping. A step is a function of
/// the data, the options and its number alone; each thread works on a part of its batch.
class lm_trainer {
 public:
  lm_trainer(const model_config& config, const lm_options& options,
             const std::vector<lm_sequence>& sequences);

  /// Takes the weights of another model, whose layers become every `count / layers`th: before the
  /// first step.
  result<void> begin_from(const std::filesystem::path& weights, std::int64_t layers);

  /// The next step; gives the loss of the answers' tokens.
  double step();
  std::int64_t steps_done() const noexcept { return done_; }
  /// Tokens, padding included, of all steps of this object.
  std::int64_t tokens_seen() const noexcept { return tokens_; }

  /// The mean loss of the answers' tokens.
  double loss_of(const std::vector<lm_sequence>& sequences) const;
  std::int64_t parameter_count() const;

  /// A training goes on from the file as if it had not stopped. Refused: a file of other data or
  /// options, but for the number of steps: a training may be made longer or shorter.
  result<void> save(const std::filesystem::path& file) const;
  result<void> load(const std::filesystem::path& file);
  /// The weights alone, in BF16. Gives the size of the file.
  result<std::int64_t> export_weights(const std::filesystem::path& file) const;

 private:
  struct batch;
  batch make_batch(const std::vector<lm_sequence>& from, std::span<const std::size_t> picks,
                   double prompt_share, random_source& random) const;
  std::pair<torch::Tensor, torch::Tensor> losses(const batch& b) const;
  std::string fingerprint() const;
  void update(std::vector<torch::Tensor>& gradients);

  model_config config_;
  lm_options options_;
  const std::vector<lm_sequence>& sequences_;
  lm_network network_;
  std::vector<torch::Tensor> means_, squares_;
  batch_plan plan_;
  std::int64_t done_ = 0, tokens_ = 0;
};

}  // namespace troupe
