#include "model/torch/classifier.hpp"

#include <algorithm>

namespace troupe {

namespace {

class network_classifier final : public classifier {
 public:
  explicit network_classifier(classifier_file content) : content_(std::move(content)) {}

  result<classification> classify(std::string_view text) const override try {
    c10::InferenceMode guard;
    bags input;
    input.add(content_.model.known, hash_features(text, content_.features));
    const network& net = content_.model.net;
    const auto scores =
        torch::softmax(net.logits(net.embed(input, false)) / content_.temperature, 1)
            .to(torch::kCPU, torch::kFloat32)
            .contiguous();
    classification out;
    const float* p = scores.data_ptr<float>();
    for (std::size_t i = 0; i < content_.labels.size(); ++i)
      out.scores.emplace_back(content_.labels[i], double{p[i]});
    std::stable_sort(out.scores.begin(), out.scores.end(),
                     [](auto& a, auto& b) { return a.second > b.second; });
    out.label = out.scores.front().first;
    out.confidence = out.scores.front().second;
    return out;
  } catch (const std::exception& e) {
    return error{errc::internal, std::string("the classifier failed: ") + e.what()};
  }

 private:
  const classifier_file content_;
};

}  // namespace

result<std::shared_ptr<const classifier>> open_classifier(const std::filesystem::path& folder) {
  auto content = read_classifier(folder);
  if (!content) return content.error();
  return std::shared_ptr<const classifier>(
      std::make_shared<const network_classifier>(*std::move(content)));
}

}  // namespace troupe
