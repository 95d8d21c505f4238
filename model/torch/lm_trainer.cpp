#include "model/torch/lm_trainer.hpp"

#include "model/safetensors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <numbers>
#include <sstream>

/// Not there if LibTorch has another BLAS; threads inside of it are not wanted either.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace troupe {

namespace {

constexpr double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
/// The part of a prompt's tokens that a step looks at.
constexpr double prompt_share = 0.125;
/// A token of an answer of n tokens weighs n to the power of minus this: with 0, long answers would
/// drown short ones; with 1, a long one would count no more than one token.
constexpr double length_share = 0.75;

/// Warm-up over the first 4 % of the steps, then a cosine down to a twentieth.
double rate_at(double highest, std::int64_t step, std::int64_t steps) {
  const double warm = std::max(1.0, 0.04 * double(steps));
  if (double(step) < warm) return highest * (double(step) + 1) / warm;
  const double rest = (double(step) - warm) / std::max(1.0, double(steps) - warm);
  return highest * (0.05 + 0.95 * 0.5 * (1 + std::cos(std::numbers::pi * std::min(rest, 1.0))));
}

tensor_view view_of(const std::string& name, const torch::Tensor& t, tensor_type type) {
  return {name,
          type,
          t.sizes().vec(),
          {static_cast<const std::byte*>(t.data_ptr()), static_cast<std::size_t>(t.nbytes())}};
}

bool is_matrix(const torch::Tensor& t) { return t.dim() > 1; }

}  // namespace

/// Rows of a batch, for one thread.
struct lm_trainer::batch {
  torch::Tensor ids;                      ///< [sequences, length]
  torch::Tensor answers, answer_targets;  ///< flat positions, and what follows there
  torch::Tensor answer_weights;           ///< float32
  torch::Tensor prompts, prompt_targets;
};

lm_trainer::lm_trainer(const model_config& config, const lm_options& options,
                       const std::vector<lm_sequence>& sequences)
    : config_(config),
      options_(options),
      sequences_(sequences),
      network_(config, options.seed),
      plan_(sequences, options.batch_tokens, options.seed) {
  at::set_num_threads(1);
  if (openblas_set_num_threads) openblas_set_num_threads(1);
  for (const auto& [name, p] : network_.parameters()) {
    means_.push_back(torch::zeros_like(p));
    squares_.push_back(torch::zeros_like(p));
  }
}

lm_trainer::batch lm_trainer::make_batch(const std::vector<lm_sequence>& from,
                                         std::span<const std::size_t> picks, double share,
                                         random_source& random) const {
  std::size_t length = 0;
  for (std::size_t i : picks) length = std::max(length, from[i].ids.size() - 1);
  std::vector<std::int64_t> ids(picks.size() * length, 0), answers, answer_targets, prompts,
      prompt_targets;
  std::vector<float> weights;
  for (std::size_t row = 0; row < picks.size(); ++row) {
    const lm_sequence& s = from[picks[row]];
    const auto weight = std::pow(double(s.ids.size() - s.prompt), -length_share);
    for (std::size_t k = 0; k + 1 < s.ids.size(); ++k) {
      const auto flat = row * length + k;
      ids[flat] = s.ids[k];
      const bool answer = k + 1 >= s.prompt;
      if (!answer && random.uniform() >= share) continue;
      if (answer) weights.push_back(static_cast<float>(weight));
      (answer ? answers : prompts).push_back(static_cast<std::int64_t>(flat));
      (answer ? answer_targets : prompt_targets).push_back(s.ids[k + 1]);
    }
  }
  return {torch::tensor(ids).view({std::int64_t(picks.size()), std::int64_t(length)}),
          torch::tensor(answers),
          torch::tensor(answer_targets),
          torch::tensor(weights),
          torch::tensor(prompts),
          torch::tensor(prompt_targets)};
}

/// The sums of the answers' and the prompts' losses, weighted.
std::pair<torch::Tensor, torch::Tensor> lm_trainer::losses(const batch& b) const {
  const auto states = network_.states(b.ids).view({-1, config_.hidden});
  auto loss_at = [&](const torch::Tensor& at, const torch::Tensor& targets) {
    return torch::cross_entropy_loss(network_.logits(states.index_select(0, at)), targets, {},
                                     at::Reduction::None);
  };
  const auto answers = (loss_at(b.answers, b.answer_targets) * b.answer_weights).sum();
  if (b.prompts.numel() == 0) return {answers, torch::zeros({})};
  return {answers, loss_at(b.prompts, b.prompt_targets).sum()};
}

double lm_trainer::step() {
  const auto picks = plan_.next();
  random_source random(options_.seed * 1'000'003 + static_cast<std::uint64_t>(done_));
  const auto shards =
      std::min(static_cast<std::size_t>(std::max(options_.threads, 1)), picks.size());
  std::vector<batch> batches;
  double weights = 0, prompts = 0;
  for (std::size_t i = 0; i < shards; ++i) {
    const auto begin = picks.size() * i / shards, end = picks.size() * (i + 1) / shards;
    batches.push_back(make_batch(sequences_, std::span(picks).subspan(begin, end - begin),
                                 options_.prompt_loss > 0 ? prompt_share : 0, random));
    weights += batches.back().answer_weights.sum().item<double>();
    prompts += double(batches.back().prompts.numel());
    tokens_ += batches.back().ids.numel();
  }
  std::vector<torch::Tensor> parameters;
  for (const auto& [name, p] : network_.parameters()) parameters.push_back(p);
  auto work = [&](const batch& b) {
    const auto [answer, prompt] = losses(b);
    const auto total = answer / weights + prompt * (options_.prompt_loss / std::max(prompts, 1.0));
    return std::pair(torch::autograd::grad({total}, parameters), answer.item<double>() / weights);
  };
  // Threads of our own, one for each part of the batch: threads inside of an operation would wait
  // for each other hundreds of times a step.
  std::vector<std::future<std::pair<torch::autograd::variable_list, double>>> others;
  for (std::size_t i = 1; i < shards; ++i)
    others.push_back(std::async(std::launch::async, work, std::cref(batches[i])));
  auto [gradients, loss] = work(batches[0]);
  for (auto& other : others) {
    const auto [more, part] = other.get();
    for (std::size_t i = 0; i < gradients.size(); ++i) gradients[i] = gradients[i] + more[i];
    loss += part;
  }
  update(gradients);
  ++done_;
  return loss;
}

void lm_trainer::update(std::vector<torch::Tensor>& gradients) {
  torch::NoGradGuard guard;
  double square = 0;
  for (const auto& g : gradients) square += std::pow(g.norm().item<double>(), 2);
  const double shrink = std::min(1.0, options_.clip / (std::sqrt(square) + 1e-6));
  const double rate = rate_at(options_.learning_rate, done_, options_.steps);
  const auto n = double(done_ + 1);
  const double correct = std::sqrt(1 - std::pow(beta2, n)) / (1 - std::pow(beta1, n));
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    auto p = network_.parameters()[i].second;
    const auto g = gradients[i] * shrink;
    means_[i].mul_(beta1).add_(g, 1 - beta1);
    squares_[i].mul_(beta2).addcmul_(g, g, 1 - beta2);
    if (is_matrix(p)) p.mul_(1 - rate * options_.weight_decay);
    p.addcdiv_(means_[i], squares_[i].sqrt().add_(epsilon), -rate * correct);
  }
}

double lm_trainer::loss_of(const std::vector<lm_sequence>& sequences) const {
  torch::NoGradGuard guard;
  random_source random(0);
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto b = make_batch(sequences, std::array{i}, 0, random);
    sum += losses(b).first.item<double>();
    weights += b.answer_weights.sum().item<double>();
  }
  return weights > 0 ? sum / weights : 0;
}

std::int64_t lm_trainer::parameter_count() const {
  std::int64_t n = 0;
  for (const auto& [name, p] : network_.parameters()) n += p.numel();
  return n;
}

std::string lm_trainer::fingerprint() const {
  std::ostringstream out;
  for (std::int64_t n :
       {config_.hidden, config_.intermediate, config_.layers, config_.heads, config_.vocabulary,
        static_cast<std::int64_t>(sequences_.size()), std::int64_t{options_.threads},
        options_.batch_tokens, static_cast<std::int64_t>(options_.seed)})
    out << n << ' ';
  out << options_.learning_rate << ' ' << options_.weight_decay << ' ' << options_.prompt_loss;
  std::uint64_t sum = 0;
  for (const auto& s : sequences_)
    for (token_id id : s.ids) sum = sum * 31 + static_cast<std::uint64_t>(id);
  out << ' ' << sum;
  return out.str();
}

result<void> lm_trainer::save(const std::filesystem::path& file) const {
  std::vector<tensor_view> views;
  const auto& all = network_.parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    views.push_back(view_of(all[i].first, all[i].second, tensor_type::f32));
    views.push_back(
        view_of(std::string("mean.").append(all[i].first), means_[i], tensor_type::f32));
    views.push_back(
        view_of(std::string("square.").append(all[i].first), squares_[i], tensor_type::f32));
  }
  return write_safetensors(file, views,
                           {{"steps", std::to_string(done_)}, {"training", fingerprint()}});
}

result<void> lm_trainer::load(const std::filesystem::path& file) {
  auto opened = safetensors_file::open(file);
  if (!opened) return opened.error();
  std::int64_t steps = -1;
  bool same = false;
  for (const auto& [key, text] : (*opened)->header().metadata) {
    if (key == "steps") steps = std::strtoll(text.c_str(), nullptr, 10);
    if (key == "training") same = text == fingerprint();
  }
  auto read = [&](const std::string& name, torch::Tensor into) {
    const auto* entry = (*opened)->find(name);
    if (!entry || entry->type != tensor_type::f32 || entry->shape != into.sizes().vec())
      return false;
    const auto data = (*opened)->data(*entry);
    std::memcpy(into.data_ptr(), data.data(), data.size());
    return true;
  };
  torch::NoGradGuard guard;
  const auto& all = network_.parameters();
  for (std::size_t i = 0; same && i < all.size(); ++i)
    same = read(all[i].first, all[i].second) &&
           read(std::string("mean.").append(all[i].first), means_[i]) &&
           read(std::string("square.").append(all[i].first), squares_[i]);
  if (!same || steps < 0) {
    std::ostringstream why;
    why << '`' << file.string()
        << "` is from a training with other data or options; repeat those, or train without "
           "`--resume`";
    return error{errc::conflict, why.str()};
  }
  for (done_ = 0; done_ < steps; ++done_) plan_.next();
  return {};
}

result<void> lm_trainer::begin_from(const std::filesystem::path& weights, std::int64_t layers) {
  auto opened = safetensors_file::open(weights);
  if (!opened) return opened.error();
  const std::string layer = "model.layers.";
  const auto part = layers > 0 && config_.layers % layers == 0 ? config_.layers / layers : 0;
  torch::NoGradGuard guard;
  for (const auto& [name, parameter] : network_.parameters()) {
    std::string source = name;
    if (name.starts_with(layer) && part > 0) {
      const auto end = name.find('.', layer.size());
      const auto i = std::stoll(name.substr(layer.size(), end - layer.size()));
      if (i % part != 0) {
        // Nothing is added to the residual: the layer learns from where it makes no difference.
        if (name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight"))
          torch::Tensor(parameter).zero_();
        continue;
      }
      source = layer + std::to_string(i / part) + name.substr(end);
    }
    const auto* entry = (*opened)->find(source);
    if (part == 0 || !entry || entry->type != tensor_type::bf16 ||
        entry->shape != parameter.sizes().vec())
      return error{
          errc::invalid_request,
          "`" + weights.string() + "` is no model to begin from: `" + source +
              "` is missing or of another size; width, heads and vocabulary must be equal, "
              "and the layers a multiple"};
    const auto data = (*opened)->data(*entry);
    auto read = torch::empty(entry->shape, torch::kBFloat16);
    std::memcpy(read.data_ptr(), data.data(), data.size());
    torch::Tensor(parameter).copy_(read);
  }
  return {};
}

result<std::int64_t> lm_trainer::export_weights(const std::filesystem::path& file) const {
  torch::NoGradGuard guard;
  std::vector<torch::Tensor> kept;
  std::vector<tensor_view> views;
  for (const auto& [name, p] : network_.parameters()) {
    kept.push_back(p.to(torch::kBFloat16).contiguous());
    views.push_back(view_of(name, kept.back(), tensor_type::bf16));
  }
  if (auto r = write_safetensors(file, views, {{"format", "pt"}}); !r) return r.error();
  std::error_code failed;
  return static_cast<std::int64_t>(std::filesystem::file_size(file, failed));
}

}  // namespace troupe
