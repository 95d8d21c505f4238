#pragma once
// The classifiers' network: a weighted bag of n-gram embeddings, one hidden activation, one linear
// layer. Weights of the bag are inverse document frequencies, scaled to length 1.

#include "model/features.hpp"

#include "model/torch/torch.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace troupe {

/// The n-grams a network knows, sorted by id; the position is the row of the embedding.
struct vocabulary {
  std::vector<std::uint32_t> ids;
  std::vector<float> idf;  ///< same length
};

/// The known n-grams of some texts, one bag after another.
struct bags {
  std::vector<std::int64_t> rows;
  std::vector<float> weights;
  std::vector<std::int64_t> offsets;  ///< where each bag begins

  std::int64_t count() const { return static_cast<std::int64_t>(offsets.size()); }
  /// Adds one bag; `features` as `hash_features` gives them.
  void add(const vocabulary& known, std::span<const std::uint32_t> features);
};

struct network {
  torch::Tensor embedding;    ///< [vocabulary, width]
  torch::Tensor hidden_bias;  ///< [width]
  torch::Tensor output;       ///< [labels, width]
  torch::Tensor bias;         ///< [labels]

  /// [bags, width] before the activation. `sparse`: the gradient of `embedding` is a sparse tensor.
  torch::Tensor embed(const bags& input, bool sparse) const;
  /// [bags, labels]
  torch::Tensor logits(const torch::Tensor& embedded) const;
};

/// The vocabulary of a training set: n-grams of at least `least` texts.
vocabulary make_vocabulary(const std::vector<std::vector<std::uint32_t>>& texts, int least);

}  // namespace troupe
