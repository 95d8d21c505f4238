#pragma once
// Products of many rows with weights in panels (model/cpu_panels.hpp), for CPUs with matrix units
// (Intel AMX): ask has_cpu_tiles() first. Weights of BF16 and eight bits; same results as there, up
// to the order of sums.

#include "model/cpu_panels.hpp"

namespace troupe {

/// Whether this machine runs the functions below, and the system lets this process.
bool has_cpu_tiles() noexcept;

/// Whether tiles are faster than registers for so many rows, as measured: with few rows both wait
/// for memory, and sums of eight bits leave tiles by way of memory.
constexpr bool is_worth_tiles(panel_kind kind, std::int64_t rows) {
  return kind == panel_kind::bf16 ? rows >= 6 : kind == panel_kind::int8 && rows > most_block_rows;
}

/// Rows one behind the other, with room for whole tiles.
struct tiled_rows {
  std::int64_t rows = 0;
  std::uint32_t* inputs = nullptr;  ///< roomy() * steps(); of rows that need no order themselves
  float* scales = nullptr;          ///< groups() * roomy(), of `int8`
  std::int32_t* starts = nullptr;   ///< groups() * roomy(), of `int8`

  std::int64_t roomy() const { return (rows + tile_rows - 1) / tile_rows * tile_rows; }
};

/// Row `row` of `x`, [rows, inputs] without gaps. What is in the rows beyond the last is not used.
void pack_row(const tiled_rows& to, std::int64_t row, const panel_layout& layout, const float* x);
void pack_row(const tiled_rows& to, std::int64_t row, const panel_layout& layout,
              const bf16_bits* x);

/// As multiply() of packed rows.
void multiply(const panel_weights& w, const tiled_rows& x, const product_results<float>& to,
              std::int64_t first, std::int64_t last);
void multiply(const panel_weights& w, const tiled_rows& x, const product_results<bf16_bits>& to,
              std::int64_t first, std::int64_t last);

}  // namespace troupe
