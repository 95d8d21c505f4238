#pragma once
// The order in which the CPU's kernels want weights and rows.
//
// A panel is 32 outputs. Its weights stand in the order in which the products need them: 4 bytes
// of the first input or inputs for each of the 32, then of the next ones (one float, two of BF16,
// four of eight bits). So a product of one row reads memory from end to end, and no sum across a
// register is ever taken. Rows are put in order alike, in blocks of up to 12: these 24 registers of
// sums are what the processor has room for (Goto and van de Geijn 2008).
//
// Sixteen steps of 16 outputs are what the matrix units of newer CPUs (AMX) take as one tile, so
// many rows can be multiplied by those with the weights as they stand (model/cpu_tiles.hpp).

#include <cstdint>

namespace troupe {

inline constexpr std::int64_t panel_outputs = 32;
inline constexpr std::int64_t most_block_rows = 12;
inline constexpr std::int64_t tile_rows = 16, tile_steps = 16;

/// The type of weights and of what is multiplied with them.
enum class panel_kind : std::uint8_t {
  f32,
  bf16,
  /// Weights with a scale for each output, rows with one for each `int8_group` inputs.
  int8
};

/// What becomes of a layer's outputs.
enum class product_form : std::uint8_t {
  plain,  ///< they are the results
  /// The first half are gates for the second: silu(first) * second. A panel has 16 outputs of the
  /// first half before the 16 of the second with which they make one result each.
  gated
};

/// So many inputs share one scale when rows are rounded to eight bits.
inline constexpr std::int64_t int8_group = 128;

struct panel_layout {
  panel_kind kind = panel_kind::f32;
  product_form form = product_form::plain;
  std::int64_t inputs = 0, outputs = 0;  ///< outputs: even if `gated`

  std::int64_t results() const;  ///< of a product, for each row
  std::int64_t results_of_panel() const;
  std::int64_t panels() const;
  std::int64_t groups() const;  ///< of `int8_group` inputs
  /// 4 bytes of inputs each; `int8` has whole groups, `bf16` whole tiles.
  std::int64_t steps() const;
  std::int64_t panel_bytes() const;
  /// Which output stands at `place` of a panel; -1 if none does.
  std::int64_t output_at(std::int64_t panel, std::int64_t place) const;
  /// The panel and the place where an output stands.
  struct position {
    std::int64_t panel = 0, place = 0;
  };
  position position_of(std::int64_t output) const;
};

/// Rows in blocks as equal as possible.
struct row_blocks {
  std::int64_t rows = 0;

  std::int64_t count() const;
  std::int64_t first(std::int64_t block) const;
  std::int64_t size(std::int64_t block) const { return first(block + 1) - first(block); }
};

}  // namespace troupe
