#include "model/torch/encoder_training.hpp"

#include "model/torch/bag_training.hpp"
#include "model/torch/encoder.hpp"

#include <chrono>
#include <map>
#include <numeric>

namespace troupe {

namespace {

/// The texts of one file.
struct text_groups {
  std::vector<std::vector<text_token>> texts;
  std::vector<std::vector<std::size_t>> groups;  ///< of two texts at least; positions in `texts`
  std::vector<std::size_t> strangers;            ///< that mean what no other text does
};

result<text_groups> read_groups(const std::filesystem::path& file) {
  auto lines = read_labelled({file});
  if (!lines) return lines.error();
  text_groups out;
  std::map<std::string, std::vector<std::size_t>> by_name;
  for (const labelled_text& line : *lines) {
    (line.label == out_of_scope_label ? out.strangers : by_name[line.label])
        .push_back(out.texts.size());
    out.texts.push_back(tokenise_text(line.text));
  }
  for (auto& [name, members] : by_name)
    if (members.size() > 1) out.groups.push_back(std::move(members));
  if (out.groups.size() < 2)
    return error{errc::invalid_request,
                 "`" + file.string() + "` has no two groups of two texts: an encoder learns from " +
                     "texts that mean the same, beside others that do not"};
  return out;
}

/// Bags with the number of their group, each of a stranger a group of its own.
struct group_batch {
  bags input;
  std::vector<std::int64_t> groups;
};

class group_sampler {
 public:
  group_sampler(const std::vector<text_groups>& files, const vocabulary& known,
                const encoder_options& options)
      : files_(files), known_(known), options_(options), random_(options.common.seed) {}

  /// From one file, each as often. Few groups give more texts each.
  group_batch draw() {
    const text_groups& file = files_[random_.below(files_.size())];
    std::vector<std::size_t> order(file.groups.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, random_);
    const auto size = static_cast<std::size_t>(options_.common.batch);
    const auto each = std::max<std::size_t>(2, size / file.groups.size());
    group_batch out;
    for (std::size_t g : order) {
      if (out.groups.size() >= size) break;
      auto members = file.groups[g];
      for (std::size_t i = 0; i < std::min(each, members.size()); ++i) {
        std::swap(members[i], members[i + random_.below(members.size() - i)]);
        add(out, file.texts[members[i]], static_cast<std::int64_t>(g));
      }
    }
    for (std::size_t i = 0; i < std::min(size / 8, file.strangers.size()); ++i)
      add(out, file.texts[file.strangers[random_.below(file.strangers.size())]],
          -1 - static_cast<std::int64_t>(i));
    return out;
  }

 private:
  void add(group_batch& out, const std::vector<text_token>& text, std::int64_t group) {
    add_noisy_bag(out.input, text, known_, options_.common, random_);
    out.groups.push_back(group);
  }

  const std::vector<text_groups>& files_;
  const vocabulary& known_;
  const encoder_options& options_;
  random_source random_;
};

/// Supervised contrastive loss (Khosla et al. 2020): each text chooses those of its group among all
/// others of the batch.
torch::Tensor contrast(const torch::Tensor& vectors, const std::vector<std::int64_t>& groups,
                       double temperature) {
  const auto group = torch::tensor(groups);
  const auto self = torch::eye(group.size(0), torch::kBool);
  const auto same = ((group.unsqueeze(0) == group.unsqueeze(1)) & ~self).to(torch::kFloat32);
  const auto chances = torch::log_softmax(
      (torch::mm(vectors, vectors.t()) / temperature).masked_fill(self, -1e9), 1);
  const auto others = same.sum(1);
  return -((chances * same).sum(1) / others.clamp_min(1)).sum() / others.gt(0).sum();
}

result<trained> fit_encoder(const std::vector<text_groups>& files, const encoder_options& options) {
  const train_options& common = options.common;
  at::set_num_threads(common.threads);
  std::vector<std::vector<text_token>> texts;
  for (const auto& file : files) texts.insert(texts.end(), file.texts.begin(), file.texts.end());
  trained out{.known = vocabulary_of(texts, common), .net = {}};
  if (out.known.ids.empty())
    return error{errc::invalid_request, "the texts have nothing in common to learn from"};
  auto dice = torch_dice(common.seed);
  out.net = make_network(static_cast<std::int64_t>(out.known.ids.size()), common.width, 0, dice);
  network_optimiser optimiser(out.net, common.weight_decay);
  group_sampler sampler(files, out.known, options);
  const auto batch = static_cast<std::size_t>(common.batch);
  const auto per_epoch = static_cast<std::int64_t>((texts.size() + batch - 1) / batch);
  std::int64_t step = 0;
  for (int epoch = 0; epoch < common.epochs; ++epoch) {
    double loss_sum = 0;
    for (std::int64_t i = 0; i < per_epoch; ++i) {
      if (common.cancel.stop_requested())
        return error{errc::cancelled, "training was cancelled; nothing was written"};
      const group_batch drawn = sampler.draw();
      auto embedded = out.net.embed(drawn.input, true);
      auto loss = contrast(directions(embedded * dropout_mask(embedded, common.dropout, dice)),
                           drawn.groups, options.temperature);
      loss.backward();
      loss_sum += loss.item<double>();
      optimiser.step(learning_rate_at(common.learning_rate, step++, per_epoch * common.epochs));
    }
    if (common.progress)
      common.progress({"encoder", epoch + 1, common.epochs, loss_sum / double(per_epoch)});
  }
  freeze(out.net);
  return out;
}

}  // namespace

result<encoder_report> train_encoder_folder(const encoder_options& options) try {
  const auto start = std::chrono::steady_clock::now();
  std::vector<text_groups> files;
  encoder_report report;
  for (const auto& path : options.common.data) {
    auto file = read_groups(path);
    if (!file) return file.error();
    report.examples += std::int64_t(file->texts.size());
    report.groups += std::int64_t(file->groups.size());
    files.push_back(*std::move(file));
  }
  if (files.empty()) return error{errc::invalid_request, "no files to train an encoder on"};
  auto fitted = fit_encoder(files, options);
  if (!fitted) return fitted.error();
  report.features = std::int64_t(fitted->known.ids.size());
  auto bytes = save_encoder(options.common.out, {*std::move(fitted), options.common.features});
  if (!bytes) return bytes.error();
  report.bytes = *bytes;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
} catch (const std::exception& e) {
  return error{errc::internal, std::string("training failed: ") + e.what()};
}

}  // namespace troupe
