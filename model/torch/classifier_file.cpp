#include "model/torch/classifier.hpp"

namespace troupe {

namespace {

namespace json = boost::json;

constexpr network_kind classifier_kind{"troupe_text_classifier", "a classifier",
                                       "`troupe train intent` or `troupe train sentiment`"};

json::object validation_to_json(const eval_report& validation) {
  return {{"examples", validation.examples},
          {"accuracy", validation.accuracy},
          {"in_scope_accuracy", validation.in_scope_accuracy},
          {"macro_f1", validation.macro_f1},
          {"threshold", validation.threshold},
          {"out_of_scope_recall", validation.out_of_scope_recall},
          {"calibration_error", validation.calibration_error}};
}

/// Appended piece by piece: GCC 12 takes the sum of these texts for an overflow.
error other_labels(const std::filesystem::path& folder) {
  std::string what = "the classifier `";
  what.append(folder.string()).append("` has another number of labels than of outputs");
  return {errc::invalid_request, what};
}

}  // namespace

result<std::int64_t> save_classifier(const std::filesystem::path& folder,
                                     const classifier_file& content,
                                     const eval_report& validation) {
  return save_network(folder, classifier_kind, content,
                      {{"labels", json::array(content.labels.begin(), content.labels.end())},
                       {"temperature", content.temperature},
                       {"validation", validation_to_json(validation)}});
}

result<classifier_file> read_classifier(const std::filesystem::path& folder) {
  classifier_file out;
  auto file = read_network(folder, classifier_kind, [&](const json::value& config) {
    out.labels = json::value_to<std::vector<std::string>>(config.at("labels"));
    if (out.labels.empty()) throw std::invalid_argument("it has no labels");
    out.temperature = config.at("temperature").to_number<double>();
    if (!(out.temperature > 0)) throw std::invalid_argument("`temperature` is not above 0");
  });
  if (!file) return file.error();
  static_cast<network_file&>(out) = *std::move(file);
  if (out.model.net.output.size(0) != static_cast<std::int64_t>(out.labels.size()))
    return other_labels(folder);
  return out;
}

}  // namespace troupe
