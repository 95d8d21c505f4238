#pragma once
// Products of rows with a weight matrix whose weights were put in order beforehand, for CPUs with
// AVX-512: ask has_cpu_kernels() first. Nothing here knows of tensors or threads; callers split
// panels between threads.

#include "model/cpu_linear.hpp"
#include "model/panel_layout.hpp"

#include <cstddef>

namespace troupe {

/// Weights in panels. Whoever makes them calls `pack_panel` for each.
struct panel_weights {
  panel_layout layout;
  std::byte* weights = nullptr;  ///< panels() * panel_bytes(), on a border of 64 bytes
  float* bias = nullptr;         ///< panels() * 32; may be null
  float* scales = nullptr;       ///< panels() * 32, of `int8`
};

/// `weight`: [outputs, inputs] without gaps; `bias`: [outputs], or null.
void pack_panel(const panel_weights& to, std::int64_t panel, const float* weight,
                const float* bias);
void pack_panel(const panel_weights& to, std::int64_t panel, const bf16_bits* weight,
                const bf16_bits* bias);
/// An output's weights, of F32 or BF16, back from a panel.
void unpack_output(const panel_weights& from, std::int64_t output, void* weight);

/// Rows in order.
struct packed_rows {
  row_blocks blocks;
  std::uint32_t* inputs = nullptr;  ///< rows * steps(); of one row of F32 or BF16 the row itself
  float* scales = nullptr;          ///< rows * groups(), of `int8`
  std::int32_t* starts = nullptr;   ///< rows * groups(), of `int8`
};

/// Block `block` of `x`, [rows, inputs] without gaps.
void pack_rows(const packed_rows& to, std::int64_t block, const panel_layout& layout,
               const float* x);
void pack_rows(const packed_rows& to, std::int64_t block, const panel_layout& layout,
               const bf16_bits* x);

enum class product_manner : std::uint8_t { put, add };

/// Where results go: [rows, results()] without gaps.
template <class Out>
struct product_results {
  Out* out = nullptr;
  product_manner manner = product_manner::put;
};

/// The results of the panels [first, last), for all rows. Sums are float32.
void multiply(const panel_weights& w, const packed_rows& x, const product_results<float>& to,
              std::int64_t first, std::int64_t last);
void multiply(const panel_weights& w, const packed_rows& x, const product_results<bf16_bits>& to,
              std::int64_t first, std::int64_t last);

}  // namespace troupe
