#pragma once
// The steps that training a classifier and training an encoder share: noisy bags of n-grams, a
// network to begin with, the optimiser and its learning rate.

#include "model/augment.hpp"
#include "model/torch/network.hpp"
#include "model/training.hpp"

#include <ATen/core/Generator.h>

namespace troupe {

/// AdamW (Loshchilov, Hutter 2019) over one parameter. A sparse gradient moves only the rows it
/// names, so that a step costs what a batch touches and not what the vocabulary holds.
class adam {
 public:
  adam(torch::Tensor parameter, double weight_decay);
  /// A parameter that nothing asked for a gradient of stays as it is.
  void step(double rate);

 private:
  torch::Tensor parameter_, mean_, square_;
  double weight_decay_;
  double steps_ = 0;
};

/// All parameters of a network; the biases without weight decay.
class network_optimiser {
 public:
  network_optimiser(const network& net, double weight_decay);
  void step(double rate);

 private:
  std::vector<adam> parts_;
};

at::Generator torch_dice(std::uint64_t seed);

/// With random weights that require gradients.
network make_network(std::int64_t rows, std::int64_t width, std::int64_t outputs,
                     at::Generator random);
/// The same without gradients.
void freeze(network& net);

/// Zeros, and ones scaled so that their mean stays 1; multiplied with what a layer gives.
torch::Tensor dropout_mask(const torch::Tensor& like, double dropout, at::Generator random);

/// Warm-up over the first 5 %, then a cosine down to a fiftieth.
double learning_rate_at(double highest, std::int64_t step, std::int64_t steps);

void shuffle(std::vector<std::size_t>& order, random_source& random);

/// Adds the bag of a text with typing errors, left-out words and left-out n-grams, as often as
/// `options` say.
void add_noisy_bag(bags& batch, const std::vector<text_token>& text, const vocabulary& known,
                   const train_options& options, random_source& random);

/// The n-grams that training on `texts` can learn.
vocabulary vocabulary_of(const std::vector<std::vector<text_token>>& texts,
                         const train_options& options);

}  // namespace troupe
