#pragma once
// Attention over a key/value cache in blocks, and the small steps around it, on a CPU with AVX-512:
// nothing is copied out of the cache. As model/cpu_linear.hpp: ask has_cpu_kernels() first.

#include "model/cpu_linear.hpp"

namespace troupe {

/// Queries of one piece of work, and positions that it looks at at a time.
inline constexpr std::int64_t attention_tile = 48, attention_span = 128;
/// Floats that one piece needs to work in, for heads of `size`.
std::int64_t attention_scratch(std::int64_t size);

/// The new rows of one sequence. Keys and values of all its positions, these rows' too, are in the
/// cache. Element: float or bf16_bits.
template <class Element>
struct attention_task {
  const Element* query = nullptr;   ///< [rows, heads, size], rotated
  std::int64_t rows = 0, from = 0;  ///< the first row's position
  std::int64_t heads = 0, kv_heads = 0, size = 0;
  const Element *keys = nullptr, *values = nullptr;  ///< [blocks * block_size, kv_heads, size]
  const std::int32_t* blocks = nullptr;
  std::int64_t block_size = 0;
  Element* out = nullptr;  ///< [rows, heads * size]

  /// Pieces of work of one key head.
  std::int64_t tiles() const {
    return (rows * (heads / kv_heads) + attention_tile - 1) / attention_tile;
  }
  std::int64_t scratch() const { return attention_scratch(size); }
};

/// One piece: the tile `tile` of the key head `head`.
void attend(const attention_task<float>& t, std::int64_t head, std::int64_t tile, float* scratch);
void attend(const attention_task<bf16_bits>& t, std::int64_t head, std::int64_t tile,
            float* scratch);

/// RMSNorm of one row of `size` elements.
void rms_norm_row(const float* x, const float* weight, std::int64_t size, float epsilon,
                  float* out);
void rms_norm_row(const bf16_bits* x, const bf16_bits* weight, std::int64_t size, float epsilon,
                  bf16_bits* out);

/// Turns the pairs (i, i + half) of one head.
void rotate_head(const float* x, const float* cosine, const float* sine, std::int64_t half,
                 float* out);
void rotate_head(const bf16_bits* x, const float* cosine, const float* sine, std::int64_t half,
                 bf16_bits* out);

/// silu(gate) * up, element by element.
void gate_row(const float* gate, const float* up, std::int64_t size, float* out);
void gate_row(const bf16_bits* gate, const bf16_bits* up, std::int64_t size, bf16_bits* out);

}  // namespace troupe
