#pragma once
// Tensors from a model's files.

#include "model/weight_files.hpp"

#include <torch/torch.h>

namespace troupe {

/// Reads tensors by name, checks their shapes and converts them. The first thing that is wrong is
/// kept as the failure; what is read after that is undefined.
class tensor_loader {
 public:
  struct wanted {
    std::string name;
    std::vector<std::int64_t> shape;
  };

  tensor_loader(const weight_files& files, torch::Device device, at::ScalarType type)
      : files_(files), device_(device), type_(type) {}

  torch::Tensor operator()(const std::string& name, const std::vector<std::int64_t>& shape);
  /// Several, one under the other along the first dimension.
  torch::Tensor stacked(const std::vector<wanted>& parts);

  const std::optional<error>& failure() const noexcept { return failure_; }

 private:
  torch::Tensor placed(const torch::Tensor& t) const;

  const weight_files& files_;
  torch::Device device_;
  at::ScalarType type_;
  std::optional<error> failure_;
};

}  // namespace troupe
