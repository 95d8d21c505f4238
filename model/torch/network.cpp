#include "model/torch/network.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace troupe {

void bags::add(const vocabulary& known, std::span<const std::uint32_t> features) {
  const std::size_t begin = rows.size();
  offsets.push_back(static_cast<std::int64_t>(begin));
  double squares = 0;
  auto at = known.ids.begin();
  for (std::uint32_t id : features) {
    at = std::lower_bound(at, known.ids.end(), id);
    if (at == known.ids.end()) break;
    if (*at != id) continue;
    const auto row = at - known.ids.begin();
    const float idf = known.idf[static_cast<std::size_t>(row)];
    rows.push_back(row);
    weights.push_back(idf);
    squares += double{idf} * idf;
  }
  const auto scale = static_cast<float>(1 / std::sqrt(std::max(squares, 1e-12)));
  for (std::size_t i = begin; i < weights.size(); ++i) weights[i] *= scale;
}

torch::Tensor network::embed(const bags& input, bool sparse) const {
  const auto device = embedding.device();
  auto long_tensor = [&](const std::vector<std::int64_t>& v) {
    return torch::tensor(at::ArrayRef<std::int64_t>(v.data(), v.size()), torch::kInt64).to(device);
  };
  auto weights = torch::tensor(at::ArrayRef<float>(input.weights.data(), input.weights.size()),
                               torch::kFloat32)
                     .to(device, embedding.scalar_type());
  constexpr std::int64_t sum = 0;
  return std::get<0>(torch::embedding_bag(embedding, long_tensor(input.rows),
                                          long_tensor(input.offsets), false, sum, sparse, weights,
                                          false));
}

torch::Tensor network::logits(const torch::Tensor& embedded) const {
  return torch::linear(torch::gelu(embedded + hidden_bias), output, bias);
}

vocabulary make_vocabulary(const std::vector<std::vector<std::uint32_t>>& texts, int least) {
  std::map<std::uint32_t, int> frequency;
  for (auto& text : texts)
    for (std::uint32_t id : text) ++frequency[id];
  vocabulary known;
  for (auto [id, n] : frequency) {
    if (n < least) continue;
    known.ids.push_back(id);
    known.idf.push_back(static_cast<float>(
        1 + std::log(static_cast<double>(texts.size() + 1) / static_cast<double>(n + 1))));
  }
  return known;
}

}  // namespace troupe
