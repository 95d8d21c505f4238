#pragma once
// The small steps of a decoder, row by row: LibTorch's operations, or, on a CPU that has them, the
// kernels of model/cpu_*.hpp, which do each step at once.

#include "model/torch/torch.hpp"

namespace troupe {

/// Whether the kernels can work on `x`: on the CPU, float32 or BF16, without gaps.
bool fits_cpu_kernels(const torch::Tensor& x);

/// Whether what `x` holds can be looked at without waiting for a device.
bool is_at_hand(const torch::Tensor& x);

/// While one lives, both say no to its thread if `wanted` is false.
class kernel_choice {
 public:
  explicit kernel_choice(bool wanted);
  ~kernel_choice();
  kernel_choice(const kernel_choice&) = delete;
  kernel_choice& operator=(const kernel_choice&) = delete;

 private:
  bool before_;
};

/// RMSNorm over the last dimension (Zhang and Sennrich 2019), computed in float32.
torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& weight, double epsilon);

/// silu of the first half of each row, times the second half: [rows, 2 n] -> [rows, n].
torch::Tensor gated(const torch::Tensor& both);

/// Memory for large tensors: in huge pages where the system has them, as reading weights is what
/// decoding waits for. Undefined content.
torch::Tensor roomy_tensor(at::IntArrayRef shape, at::ScalarType type);

}  // namespace troupe
