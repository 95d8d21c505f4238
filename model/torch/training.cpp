// Data in, a folder or a report out: what stands around fit_network.

#include "model/training.hpp"

#include "model/augment.hpp"
#include "model/torch/classifier.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <set>

namespace troupe {

namespace {

struct examples {
  std::vector<labelled_text> texts;
  std::vector<std::vector<text_token>> tokens;
  std::vector<std::int64_t> labels;
  std::vector<std::string> names;  ///< sorted
  std::vector<std::size_t> order;  ///< shuffled, label by label in turn: every cut is stratified
};

result<examples> load(const train_options& options) {
  auto texts = read_labelled(options.data);
  if (!texts) return texts.error();
  examples out{.texts = *std::move(texts)};
  std::set<std::string> names;
  for (auto& t : out.texts) names.insert(t.label);
  if (names.size() < 2)
    return error{errc::invalid_request, "all examples have the label `" + *names.begin() +
                                            "`: a classifier needs at least two labels"};
  out.names.assign(names.begin(), names.end());
  random_source random(options.seed ^ 0x5eed);
  std::vector<std::pair<double, std::size_t>> keys;
  std::map<std::string, std::vector<std::size_t>> by_label;
  for (std::size_t i = 0; i < out.texts.size(); ++i) {
    out.tokens.push_back(tokenise_text(out.texts[i].text));
    const auto at = std::lower_bound(out.names.begin(), out.names.end(), out.texts[i].label);
    out.labels.push_back(at - out.names.begin());
    by_label[out.texts[i].label].push_back(i);
  }
  for (auto& [label, members] : by_label) {
    for (std::size_t i = members.size(); i > 1; --i)
      std::swap(members[i - 1], members[random.below(i)]);
    for (std::size_t i = 0; i < members.size(); ++i)
      keys.emplace_back((double(i) + random.uniform()) / double(members.size()), members[i]);
  }
  std::sort(keys.begin(), keys.end());
  for (auto& k : keys) out.order.push_back(k.second);
  return out;
}

training_set pick(const examples& all, std::span<const std::size_t> picks) {
  training_set out;
  for (std::size_t i : picks) {
    out.texts.push_back(all.tokens[i]);
    out.labels.push_back(all.labels[i]);
  }
  return out;
}

std::vector<prediction> decide(const torch::Tensor& logits, double temperature,
                               const std::vector<std::string>& names) {
  c10::InferenceMode guard;
  auto [confidence, best] = torch::softmax(logits / temperature, 1).max(1);
  std::vector<prediction> out;
  for (std::int64_t i = 0; i < best.size(0); ++i)
    out.push_back({names[static_cast<std::size_t>(best[i].item<std::int64_t>())],
                   confidence[i].item<double>()});
  return out;
}

struct measured {
  double temperature = 1;
  eval_report report;
};

/// Trains without `order[begin, end)` and scores that part.
result<measured> measure_part(const examples& all, std::size_t begin, std::size_t end,
                              const train_options& options, const std::string& phase) {
  std::vector<std::size_t> rest(all.order.begin(), all.order.begin() + std::ptrdiff_t(begin));
  rest.insert(rest.end(), all.order.begin() + std::ptrdiff_t(end), all.order.end());
  const std::span held(all.order.data() + begin, end - begin);
  auto fitted = fit_network(pick(all, rest), std::int64_t(all.names.size()), options, phase);
  if (!fitted) return fitted.error();
  const training_set part = pick(all, held);
  const auto logits = predict_logits(*fitted, part.texts, options.features);
  measured out{.temperature = fit_temperature(logits, part.labels), .report = {}};
  std::vector<labelled_text> truth;
  for (std::size_t i : held) truth.push_back(all.texts[i]);
  out.report =
      score_predictions(truth, decide(logits, out.temperature, all.names), options.threshold);
  return out;
}

error failed(const std::exception& e) {
  return {errc::internal, std::string("training failed: ") + e.what()};
}

}  // namespace

result<train_report> train_and_save(const train_options& options) try {
  const auto start = std::chrono::steady_clock::now();
  auto all = load(options);
  if (!all) return all.error();
  train_report report{.examples = std::int64_t(all->texts.size()),
                      .labels = std::int64_t(all->names.size())};
  const auto held = static_cast<std::size_t>(double(all->texts.size()) * options.held_out);
  if (held > 0) {
    auto part = measure_part(*all, 0, held, options, "validation");
    if (!part) return part.error();
    report.temperature = part->temperature;
    report.validation = std::move(part->report);
  }
  auto fitted = fit_network(pick(*all, all->order), report.labels, options, "final");
  if (!fitted) return fitted.error();
  report.features = std::int64_t(fitted->known.ids.size());
  const classifier_file content{
      {*std::move(fitted), options.features}, all->names, report.temperature};
  auto bytes = save_classifier(options.out, content, report.validation);
  if (!bytes) return bytes.error();
  report.bytes = *bytes;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
} catch (const std::exception& e) {
  return failed(e);
}

result<eval_report> cross_validate_network(const train_options& options, int folds) try {
  auto all = load(options);
  if (!all) return all.error();
  const auto n = all->order.size(), parts = static_cast<std::size_t>(folds);
  if (folds < 2 || parts > n)
    return error{errc::invalid_request,
                 "cross-validation needs between 2 and " + std::to_string(n) + " folds"};
  std::vector<labelled_text> truth;
  std::vector<prediction> guesses;
  for (std::size_t k = 0; k < parts; ++k) {
    const std::size_t begin = n * k / parts, end = n * (k + 1) / parts;
    std::vector<std::size_t> rest(all->order.begin(), all->order.begin() + std::ptrdiff_t(begin));
    rest.insert(rest.end(), all->order.begin() + std::ptrdiff_t(end), all->order.end());
    auto fitted = fit_network(pick(*all, rest), std::int64_t(all->names.size()), options,
                              "fold " + std::to_string(k + 1));
    if (!fitted) return fitted.error();
    const training_set part = pick(*all, {all->order.data() + begin, end - begin});
    const auto logits = predict_logits(*fitted, part.texts, options.features);
    auto decided = decide(logits, fit_temperature(logits, part.labels), all->names);
    guesses.insert(guesses.end(), decided.begin(), decided.end());
    for (std::size_t i = begin; i < end; ++i) truth.push_back(all->texts[all->order[i]]);
  }
  return score_predictions(truth, guesses, options.threshold);
} catch (const std::exception& e) {
  return failed(e);
}

result<eval_report> evaluate_folder(const eval_options& options) {
  auto model = open_classifier(options.model);
  if (!model) return model.error();
  auto truth = read_labelled(options.data);
  if (!truth) return truth.error();
  std::vector<prediction> guesses;
  for (auto& t : *truth) {
    auto c = (*model)->classify(t.text);
    if (!c) return c.error();
    guesses.push_back({c->label, c->confidence});
  }
  return score_predictions(*truth, guesses, options.threshold);
}

}  // namespace troupe
