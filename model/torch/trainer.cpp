#include "model/torch/trainer.hpp"

#include "model/augment.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace troupe {

namespace {

constexpr double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;

/// AdamW (Loshchilov, Hutter 2019) over one parameter. A sparse gradient moves only the rows it
/// names, so that a step costs what a batch touches and not what the vocabulary holds.
class adam {
 public:
  adam(torch::Tensor parameter, double weight_decay)
      : parameter_(std::move(parameter)),
        mean_(torch::zeros_like(parameter_)),
        square_(torch::zeros_like(parameter_)),
        weight_decay_(weight_decay) {}

  void step(double rate) {
    ++steps_;
    torch::NoGradGuard guard;
    auto& gradient = parameter_.mutable_grad();
    const double correct = std::sqrt(1 - std::pow(beta2, steps_)) / (1 - std::pow(beta1, steps_));
    if (gradient.is_sparse()) {
      auto g = gradient.coalesce();
      auto rows = g.indices()[0];
      auto values = g.values();
      auto m = mean_.index_select(0, rows).mul_(beta1).add_(values, 1 - beta1);
      auto v = square_.index_select(0, rows).mul_(beta2).addcmul_(values, values, 1 - beta2);
      mean_.index_copy_(0, rows, m);
      square_.index_copy_(0, rows, v);
      auto p = parameter_.index_select(0, rows).mul_(1 - rate * weight_decay_);
      p.addcdiv_(m, v.sqrt().add_(epsilon), -rate * correct);
      parameter_.index_copy_(0, rows, p);
    } else {
      mean_.mul_(beta1).add_(gradient, 1 - beta1);
      square_.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
      parameter_.mul_(1 - rate * weight_decay_);
      parameter_.addcdiv_(mean_, square_.sqrt().add_(epsilon), -rate * correct);
    }
    gradient = torch::Tensor();
  }

 private:
  torch::Tensor parameter_, mean_, square_;
  double weight_decay_;
  double steps_ = 0;
};

at::Generator generator(std::uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

network make_network(std::int64_t rows, std::int64_t width, std::int64_t labels,
                     at::Generator random) {
  network net;
  net.embedding = torch::empty({rows, width}).normal_(0, 0.5, random);
  net.hidden_bias = torch::zeros({width});
  net.output = torch::empty({labels, width}).normal_(0, 1 / std::sqrt(double(width)), random);
  net.bias = torch::zeros({labels});
  for (auto* t : {&net.embedding, &net.hidden_bias, &net.output, &net.bias})
    t->set_requires_grad(true);
  return net;
}

/// Warm-up over the first 5 %, then a cosine down to a fiftieth.
double rate_at(double highest, std::int64_t step, std::int64_t steps) {
  const double part = double(step) / double(steps);
  if (part < 0.05) return highest * (part / 0.05 + 0.02);
  const double rest = (part - 0.05) / 0.95;
  return highest * (0.02 + 0.98 * 0.5 * (1 + std::cos(std::numbers::pi * rest)));
}

void shuffle(std::vector<std::size_t>& order, random_source& random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
}

bags make_batch(const training_set& data, std::span<const std::size_t> picks,
                const vocabulary& known, const train_options& options, random_source& random) {
  bags batch;
  const augment_options noise{.typos = options.typos, .word_dropout = options.word_dropout};
  for (std::size_t i : picks) {
    auto features = hash_features(augment(data.texts[i], noise, random), options.features);
    std::erase_if(features, [&](auto) { return random.uniform() < options.feature_dropout; });
    batch.add(known, features);
  }
  return batch;
}

}  // namespace

result<trained> fit_network(const training_set& data, std::int64_t label_count,
                            const train_options& options, const std::string& phase) {
  at::set_num_threads(options.threads);
  std::vector<std::vector<std::uint32_t>> features;
  for (auto& text : data.texts) features.push_back(hash_features(text, options.features));
  trained out{.known = make_vocabulary(features, options.least), .net = {}};
  auto dice = generator(options.seed);
  random_source random(options.seed);
  out.net = make_network(static_cast<std::int64_t>(out.known.ids.size()), options.width,
                         label_count, dice);
  adam embedding(out.net.embedding, options.weight_decay), hidden(out.net.hidden_bias, 0),
      output(out.net.output, options.weight_decay), bias(out.net.bias, 0);

  std::vector<std::size_t> order(data.texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto batch = static_cast<std::size_t>(options.batch);
  const auto per_epoch = static_cast<std::int64_t>((order.size() + batch - 1) / batch);
  std::int64_t step = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    shuffle(order, random);
    double loss_sum = 0;
    for (std::size_t at = 0; at < order.size(); at += batch) {
      if (options.cancel.stop_requested())
        return error{errc::cancelled, "training was cancelled; nothing was written"};
      const std::span picks(order.data() + at, std::min(batch, order.size() - at));
      const bags input = make_batch(data, picks, out.known, options, random);
      std::vector<std::int64_t> labels;
      for (std::size_t i : picks) labels.push_back(data.labels[i]);
      auto embedded = out.net.embed(input, true);
      auto mask = torch::empty_like(embedded, torch::kFloat32)
                      .bernoulli_(1 - options.dropout, dice)
                      .div_(1 - options.dropout);
      auto loss = torch::cross_entropy_loss(out.net.logits(embedded * mask), torch::tensor(labels),
                                            {}, at::Reduction::Mean, -100,
                                            options.label_smoothing);
      loss.backward();
      loss_sum += loss.item<double>();
      const double rate = rate_at(options.learning_rate, step++, per_epoch * options.epochs);
      for (adam* a : {&embedding, &hidden, &output, &bias}) a->step(rate);
    }
    if (options.progress)
      options.progress({phase, epoch + 1, options.epochs, loss_sum / double(per_epoch)});
  }
  for (auto* t : {&out.net.embedding, &out.net.hidden_bias, &out.net.output, &out.net.bias})
    *t = t->detach();
  return out;
}

torch::Tensor predict_logits(const trained& model,
                             const std::vector<std::vector<text_token>>& texts,
                             const feature_options& features) {
  c10::InferenceMode guard;
  bags input;
  for (auto& text : texts) input.add(model.known, hash_features(text, features));
  return model.net.logits(model.net.embed(input, false));
}

double fit_temperature(const torch::Tensor& logits, const std::vector<std::int64_t>& labels) {
  c10::InferenceMode guard;
  if (labels.empty()) return 1;
  const auto truth = torch::tensor(labels);
  auto loss = [&](double log_t) {
    return torch::cross_entropy_loss(logits / std::exp(log_t), truth).item<double>();
  };
  // Golden-section search; the loss has one minimum over the logarithm.
  double low = std::log(0.05), high = std::log(20.0);
  const double part = (std::sqrt(5.0) - 1) / 2;
  while (high - low > 1e-3) {
    const double a = high - part * (high - low), b = low + part * (high - low);
    if (loss(a) < loss(b))
      high = b;
    else
      low = a;
  }
  return std::exp((low + high) / 2);
}

}  // namespace troupe
