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

/// So many inputs share one scale when rows are rounded to eight bits.
inline constexpr std::int64_t int8_group = 128;

/// Rows rounded to eight bits, in groups: x = scale * (level - 128).
struct int8_rows {
  const std::uint8_t* levels = nullptr;  ///< [rows, padded inputs], the padding is 128
  const float* scales = nullptr;         ///< [rows, groups]
  std::int64_t rows = 0, padded = 0;     ///< padded: a multiple of int8_group
};
/// Weights rounded to eight bits, a scale for each output: w = scale * level.
struct int8_weights {
  const std::int8_t* levels = nullptr;   ///< [outputs, padded inputs], the padding is 0
  const float* scales = nullptr;         ///< [outputs]
  const std::int32_t* starts = nullptr;  ///< [outputs, groups]: -128 times the sum of each group
  std::int64_t outputs = 0;
};

/// `size` elements of one row.
void round_row(const float* x, std::int64_t size, std::uint8_t* levels, float* scales);
void round_row(const bf16_bits* x, std::int64_t size, std::uint8_t* levels, float* scales);
/// One output's weights: its scale is given back; `levels` and `starts` are filled.
float round_weights(const float* w, std::int64_t size, std::int8_t* levels, std::int32_t* starts);

/// Out: [rows, outputs]; `bias` may be null.
void linear(const int8_rows& x, const int8_weights& w, const float* bias, float* out,
            std::int64_t first, std::int64_t last);
void linear(const int8_rows& x, const int8_weights& w, const float* bias, bf16_bits* out,
            std::int64_t first, std::int64_t last);

}  // namespace troupe
