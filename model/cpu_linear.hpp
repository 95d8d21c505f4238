#pragma once
// Products of a few rows with a weight matrix on a CPU with AVX-512, written for the memory's
// speed: each weight is read once for all rows, without copies or repacking. Nothing here knows of
// tensors; callers split the outputs between threads.

#include <cstdint>

namespace troupe {

using bf16_bits = std::uint16_t;  ///< the upper half of a float's bits

/// Whether this machine runs the functions below: AVX-512 with BF16 and VNNI.
bool has_cpu_kernels() noexcept;

/// A weight matrix, [outputs, inputs], and what is multiplied by it, [rows, inputs], without gaps.
template <class Element>
struct linear_task {
  const Element* x = nullptr;
  std::int64_t rows = 0;
  const Element* weight = nullptr;
  std::int64_t inputs = 0;
  const Element* bias = nullptr;  ///< [outputs], or null
  std::int64_t outputs = 0;
};

/// Computes the outputs [first, last) of every row into `out` [rows, outputs]. Sums are float32.
void linear(const linear_task<float>& t, float* out, std::int64_t first, std::int64_t last);
void linear(const linear_task<bf16_bits>& t, bf16_bits* out, std::int64_t first, std::int64_t last);
void linear(const linear_task<bf16_bits>& t, float* out, std::int64_t first, std::int64_t last);

}  // namespace troupe
