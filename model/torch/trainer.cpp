#include "model/torch/trainer.hpp"

#include "model/torch/bag_training.hpp"

#include <cmath>
#include <numeric>

namespace troupe {

result<trained> fit_network(const training_set& data, std::int64_t label_count,
                            const train_options& options, const std::string& phase) {
  at::set_num_threads(options.threads);
  trained out{.known = vocabulary_of(data.texts, options), .net = {}};
  auto dice = torch_dice(options.seed);
  random_source random(options.seed);
  out.net = make_network(static_cast<std::int64_t>(out.known.ids.size()), options.width,
                         label_count, dice);
  network_optimiser optimiser(out.net, options.weight_decay);

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
      bags input;
      std::vector<std::int64_t> labels;
      for (std::size_t i : picks) {
        add_noisy_bag(input, data.texts[i], out.known, options, random);
        labels.push_back(data.labels[i]);
      }
      auto embedded = out.net.embed(input, true);
      auto loss = torch::cross_entropy_loss(
          out.net.logits(embedded * dropout_mask(embedded, options.dropout, dice)),
          torch::tensor(labels), {}, at::Reduction::Mean, -100, options.label_smoothing);
      loss.backward();
      loss_sum += loss.item<double>();
      optimiser.step(learning_rate_at(options.learning_rate, step++, per_epoch * options.epochs));
    }
    if (options.progress)
      options.progress({phase, epoch + 1, options.epochs, loss_sum / double(per_epoch)});
  }
  freeze(out.net);
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
