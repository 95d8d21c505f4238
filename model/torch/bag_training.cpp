#include "model/torch/bag_training.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <numbers>

namespace troupe {

namespace {

constexpr double mean_decay = 0.9, square_decay = 0.99, least_square = 1e-8;

}  // namespace

adam::adam(torch::Tensor parameter, double weight_decay)
    : parameter_(std::move(parameter)),
      mean_(torch::zeros_like(parameter_)),
      square_(torch::zeros_like(parameter_)),
      weight_decay_(weight_decay) {}

void adam::step(double rate) {
  torch::NoGradGuard guard;
  auto& gradient = parameter_.mutable_grad();
  if (!gradient.defined()) return;
  ++steps_;
  const double correct =
      std::sqrt(1 - std::pow(square_decay, steps_)) / (1 - std::pow(mean_decay, steps_));
  if (gradient.is_sparse()) {
    auto g = gradient.coalesce();
    auto rows = g.indices()[0];
    auto values = g.values();
    auto m = mean_.index_select(0, rows).mul_(mean_decay).add_(values, 1 - mean_decay);
    auto v =
        square_.index_select(0, rows).mul_(square_decay).addcmul_(values, values, 1 - square_decay);
    mean_.index_copy_(0, rows, m);
    square_.index_copy_(0, rows, v);
    auto p = parameter_.index_select(0, rows).mul_(1 - rate * weight_decay_);
    p.addcdiv_(m, v.sqrt().add_(least_square), -rate * correct);
    parameter_.index_copy_(0, rows, p);
  } else {
    mean_.mul_(mean_decay).add_(gradient, 1 - mean_decay);
    square_.mul_(square_decay).addcmul_(gradient, gradient, 1 - square_decay);
    parameter_.mul_(1 - rate * weight_decay_);
    parameter_.addcdiv_(mean_, square_.sqrt().add_(least_square), -rate * correct);
  }
  gradient = torch::Tensor();
}

network_optimiser::network_optimiser(const network& net, double weight_decay)
    : parts_{{net.embedding, weight_decay},
             {net.hidden_bias, 0},
             {net.output, weight_decay},
             {net.bias, 0}} {}

void network_optimiser::step(double rate) {
  for (adam& part : parts_) part.step(rate);
}

at::Generator torch_dice(std::uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

network make_network(std::int64_t rows, std::int64_t width, std::int64_t outputs,
                     at::Generator random) {
  network net;
  net.embedding = torch::empty({rows, width}).normal_(0, 0.5, random);
  net.hidden_bias = torch::zeros({width});
  net.output = torch::empty({outputs, width}).normal_(0, 1 / std::sqrt(double(width)), random);
  net.bias = torch::zeros({outputs});
  for (auto* t : {&net.embedding, &net.hidden_bias, &net.output, &net.bias})
    t->set_requires_grad(true);
  return net;
}

void freeze(network& net) {
  for (auto* t : {&net.embedding, &net.hidden_bias, &net.output, &net.bias}) *t = t->detach();
}

torch::Tensor dropout_mask(const torch::Tensor& like, double dropout, at::Generator random) {
  return torch::empty_like(like, torch::kFloat32).bernoulli_(1 - dropout, random).div_(1 - dropout);
}

double learning_rate_at(double highest, std::int64_t step, std::int64_t steps) {
  const double part = double(step) / double(steps);
  if (part < 0.05) return highest * (part / 0.05 + 0.02);
  const double rest = (part - 0.05) / 0.95;
  return highest * (0.02 + 0.98 * 0.5 * (1 + std::cos(std::numbers::pi * rest)));
}

void shuffle(std::vector<std::size_t>& order, random_source& random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
}

void add_noisy_bag(bags& batch, const std::vector<text_token>& text, const vocabulary& known,
                   const train_options& options, random_source& random) {
  const augment_options noise{.typos = options.typos, .word_dropout = options.word_dropout};
  auto features = hash_features(augment(text, noise, random), options.features);
  std::erase_if(features, [&](auto) { return random.uniform() < options.feature_dropout; });
  batch.add(known, features);
}

vocabulary vocabulary_of(const std::vector<std::vector<text_token>>& texts,
                         const train_options& options) {
  std::vector<std::vector<std::uint32_t>> features;
  for (auto& text : texts) features.push_back(hash_features(text, options.features));
  return make_vocabulary(features, options.least);
}

}  // namespace troupe
