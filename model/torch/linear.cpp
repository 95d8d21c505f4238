#include "model/torch/linear.hpp"

namespace troupe {

linear_layer load_linear(tensor_loader& load,
                         const std::vector<std::pair<std::string, std::int64_t>>& names,
                         std::int64_t inputs, bool bias) {
  std::vector<tensor_loader::wanted> weights, biases;
  for (auto& [name, outputs] : names) {
    weights.push_back({name + ".weight", {outputs, inputs}});
    biases.push_back({name + ".bias", {outputs}});
  }
  linear_layer out;
  out.weight = load.stacked(weights);
  if (bias) out.bias = load.stacked(biases);
  return out;
}

}  // namespace troupe
