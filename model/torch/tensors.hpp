#pragma once
// Tensors from a model's files.

#include "model/weight_files.hpp"

#include "model/torch/torch.hpp"

namespace troupe {

/// Reads tensors by name, checks their shapes and converts them. The first thing that is wrong is
/// kept as the failure; what is read after that is undefined.
///
/// A matrix in F8_E4M3 comes with a second tensor, `NAME_scale_inv`: what each block of
/// `scale_block` rows and columns is to be multiplied by (DeepSeek-V3's files).
class tensor_loader {
 public:
  struct wanted {
    std::string name;
    std::vector<std::int64_t> shape;
  };
  struct block {
    std::int64_t rows = 128, columns = 128;
  };

  tensor_loader(const weight_files& files, torch::Device device, at::ScalarType type,
                block scale_block = {128, 128})
      : files_(files), device_(device), type_(type), scale_block_(scale_block) {}

  torch::Tensor operator()(const std::string& name, const std::vector<std::int64_t>& shape);
  /// In float32, whatever the loader's type.
  torch::Tensor in_float32(const std::string& name, const std::vector<std::int64_t>& shape);
  /// Several, one under the other along the first dimension.
  torch::Tensor stacked(const std::vector<wanted>& parts);
  /// `t` on the loader's device, in its type, in memory of its own.
  torch::Tensor placed(const torch::Tensor& t) const;

  const std::optional<error>& failure() const noexcept { return failure_; }

 private:
  torch::Tensor fresh(at::IntArrayRef shape) const;
  /// On the CPU, as stored or widened.
  torch::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape);
  torch::Tensor raw(const std::string& name, const std::vector<std::int64_t>& shape);
  torch::Tensor widened(const std::string& name, const torch::Tensor& bits);
  void refuse(const std::string& why);

  const weight_files& files_;
  torch::Device device_;
  at::ScalarType type_;
  block scale_block_;
  std::optional<error> failure_;
};

}  // namespace troupe
