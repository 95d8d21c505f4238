#include "model/encoder_training.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace troupe {

namespace {

struct counts {
  std::int64_t truth = 0, guessed = 0, right = 0;
};

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

label_score score(const std::string& label, const counts& c) {
  label_score s{.label = label, .support = c.truth};
  s.precision = ratio(c.right, c.guessed);
  s.recall = ratio(c.right, c.truth);
  if (s.precision + s.recall > 0) s.f1 = 2 * s.precision * s.recall / (s.precision + s.recall);
  return s;
}

/// Mean distance between confidence and accuracy, weighted by the bins' sizes (Guo et al. 2017).
class calibration {
 public:
  void add(double confidence, bool right) {
    auto i = std::min(bins_.size() - 1,
                      static_cast<std::size_t>(std::max(0.0, confidence) * double(bins_.size())));
    bins_[i].sum += confidence;
    bins_[i].right += right ? 1 : 0;
    ++bins_[i].count;
    ++total_;
  }
  double error() const {
    double sum = 0;
    for (auto& b : bins_) sum += std::abs(b.sum - b.right);
    return total_ > 0 ? sum / total_ : 0;
  }

 private:
  struct bin {
    double sum = 0, right = 0, count = 0;
  };
  std::array<bin, 15> bins_{};
  double total_ = 0;
};

}  // namespace

eval_report score_predictions(const std::vector<labelled_text>& truth,
                              const std::vector<prediction>& predictions, double threshold) {
  eval_report report{.examples = static_cast<std::int64_t>(truth.size()), .threshold = threshold};
  std::map<std::string, counts> labels;
  std::map<std::pair<std::string, std::string>, std::int64_t> pairs;
  calibration bins;
  std::int64_t right = 0, right_in_scope = 0, accepted = 0, in_scope = 0, outside = 0, refused = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto& [label, text] = truth[i];
    const prediction& p = predictions[i];
    const bool hit = p.label == label;
    ++labels[label].truth;
    ++labels[p.label].guessed;
    labels[label].right += hit ? 1 : 0;
    right += hit ? 1 : 0;
    bins.add(p.confidence, hit);
    if (label == out_of_scope_label) {
      ++outside;
      refused += p.label == out_of_scope_label || p.confidence < threshold ? 1 : 0;
    } else {
      ++in_scope;
      right_in_scope += hit ? 1 : 0;
      accepted += hit && p.confidence >= threshold ? 1 : 0;
    }
    if (hit) continue;
    ++pairs[{label, p.label}];
    report.mistakes.push_back({text, label, p.label, p.confidence});
  }
  report.accuracy = ratio(right, report.examples);
  report.in_scope_accuracy = ratio(right_in_scope, in_scope);
  report.accepted_accuracy = ratio(accepted, in_scope);
  report.out_of_scope_recall = ratio(refused, outside);
  report.calibration_error = bins.error();
  std::int64_t present = 0;
  for (auto& [label, c] : labels) {
    report.labels.push_back(score(label, c));
    if (c.truth == 0) continue;
    report.macro_f1 += report.labels.back().f1;
    ++present;
  }
  if (present > 0) report.macro_f1 /= static_cast<double>(present);
  for (auto& [pair, n] : pairs) report.confusions.push_back({pair.first, pair.second, n});
  std::stable_sort(report.confusions.begin(), report.confusions.end(),
                   [](auto& a, auto& b) { return a.count > b.count; });
  return report;
}

retrieval_score score_ranks(const std::vector<std::int64_t>& ranks) {
  retrieval_score sum;
  for (const std::int64_t rank : ranks) {
    sum.top1 += rank == 1 ? 1 : 0;
    sum.top3 += rank <= 3 ? 1 : 0;
    sum.mrr += 1 / static_cast<double>(rank);
  }
  const double n = std::max<double>(1, static_cast<double>(ranks.size()));
  return {sum.top1 / n, sum.top3 / n, sum.mrr / n};
}

}  // namespace troupe
