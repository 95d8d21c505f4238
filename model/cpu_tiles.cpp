#include "model/cpu_tiles.hpp"

#include "model/avx512_levels.hpp"
#include "model/avx512_results.hpp"

namespace troupe {

namespace {

using namespace avx512;

constexpr std::int64_t tile_bytes = 64;                ///< of a tile's row
constexpr std::int64_t panel_row = 4 * panel_outputs;  ///< bytes of a panel's step
constexpr std::int64_t most_rows = 2 * tile_rows;      ///< of one pass over a panel
constexpr std::int64_t tiles_of_group = int8_group / 4 / tile_steps;

/// So much of the rows stays in the second cache while panels pass by.
constexpr std::int64_t rows_at_hand = std::int64_t{1} << 20;

/// All eight tiles: 16 rows of 64 bytes. Layout of the processor's TILECFG.
struct alignas(64) tile_config {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes_of_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(tile_config) == 64);

/// The tiles are at hand while it lives; threads without tiles are switched faster.
class tiles_in_use {
 public:
  tiles_in_use() {
    static constexpr tile_config all;
    _tile_loadconfig(&all);
  }
  ~tiles_in_use() { _tile_release(); }
  tiles_in_use(const tiles_in_use&) = delete;
  tiles_in_use& operator=(const tiles_in_use&) = delete;
};

/// One pass: up to 32 rows by a panel.
struct pass {
  const std::uint32_t* x;
  std::int64_t rows, steps;
  const std::byte* weights;
  const float* scales;  ///< of the first row and group, as `starts`
  const std::int32_t* starts;
  std::int64_t next_group;  ///< from one group's scales to the next one's
  const std::byte* ahead;   ///< memory that is wanted next, as much as a panel; or null
  float (*sums)[panel_outputs];
};

/// A quarter of what is wanted ahead for a step: between the loads, for all at once would hold them
/// up.
inline void fetch_ahead(const pass& p, std::int64_t step, std::int64_t quarter) {
  if (!p.ahead) return;
  constexpr auto size = panel_row * tile_steps / 4;
  const std::byte* from = p.ahead + step * panel_row + quarter * size;
  for (std::int64_t i = 0; i < size; i += 64) _mm_prefetch(from + i, _MM_HINT_T1);
}

// Tiles 0 to 3 are sums: 0 and 1 of the first sixteen rows with both halves of the panel, 2 and 3
// of the others; 4 and 5 are rows, 6 and 7 weights.

template <int Halves>
inline void clear_sums() {
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (Halves == 2) {
    _tile_zero(2);
    _tile_zero(3);
  }
}

template <int Halves>
inline void load_step(const pass& p, std::int64_t step) {
  const std::byte* w = p.weights + step * panel_row;
  fetch_ahead(p, step, 0);
  _tile_loadd(6, w, panel_row);
  fetch_ahead(p, step, 1);
  _tile_loadd(4, p.x + step, p.steps * 4);
  fetch_ahead(p, step, 2);
  _tile_loadd(7, w + tile_bytes, panel_row);
  fetch_ahead(p, step, 3);
  if constexpr (Halves == 2) _tile_loadd(5, p.x + tile_rows * p.steps + step, p.steps * 4);
}

template <int Halves>
inline void store_sums(void* to) {
  auto* out = static_cast<std::byte*>(to);
  _tile_stored(0, out, panel_row);
  _tile_stored(1, out + tile_bytes, panel_row);
  if constexpr (Halves == 2) {
    _tile_stored(2, out + tile_rows * panel_row, panel_row);
    _tile_stored(3, out + tile_rows * panel_row + tile_bytes, panel_row);
  }
}

template <int Halves>
void sum_up_bf16(const pass& p) {
  clear_sums<Halves>();
  for (std::int64_t s = 0; s < p.steps; s += tile_steps) {
    load_step<Halves>(p, s);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (Halves == 2) {
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  store_sums<Halves>(p.sums);
}

using dots_of_pass = std::int32_t[most_rows][panel_outputs];

/// A group's sums become part of the whole.
inline void add_group(const pass& p, std::int64_t group, const dots_of_pass& dots) {
  const float* scales = p.scales + group * p.next_group;
  const std::int32_t* starts = p.starts + group * p.next_group;
  for (std::int64_t r = 0; r < p.rows; ++r) {
    const __m512i start = _mm512_set1_epi32(starts[r]);
    const __m512 by = _mm512_set1_ps(scales[r]);
    for (int half = 0; half < 2; ++half) {
      const __m512i dot = _mm512_add_epi32(_mm512_load_si512(dots[r] + 16 * half), start);
      float* sum = p.sums[r] + 16 * half;
      _mm512_store_ps(sum, _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), by, _mm512_load_ps(sum)));
    }
  }
}

/// Each group is added while the units are at the next one.
template <int Halves>
void sum_up_int8(const pass& p) {
  alignas(64) dots_of_pass dots[2];
  for (std::int64_t r = 0; r < p.rows; ++r)
    for (int half = 0; half < 2; ++half)
      _mm512_store_ps(p.sums[r] + 16 * half, _mm512_setzero_ps());
  const auto groups = p.steps / (tiles_of_group * tile_steps);
  for (std::int64_t g = 0; g < groups; ++g) {
    clear_sums<Halves>();
    for (std::int64_t t = 0; t < tiles_of_group; ++t) {
      const auto s = (g * tiles_of_group + t) * tile_steps;
      load_step<Halves>(p, s);
      _tile_dpbsud(0, 4, 6);
      _tile_dpbsud(1, 4, 7);
      if constexpr (Halves == 2) {
        _tile_dpbsud(2, 5, 6);
        _tile_dpbsud(3, 5, 7);
      }
    }
    store_sums<Halves>(dots[g % 2]);
    if (g > 0) add_group(p, g - 1, dots[(g - 1) % 2]);
  }
  if (groups > 0) add_group(p, groups - 1, dots[(groups - 1) % 2]);
}

void sum_up(panel_kind kind, const pass& p) {
  const bool one = p.rows <= tile_rows;
  if (kind == panel_kind::bf16)
    one ? sum_up_bf16<1>(p) : sum_up_bf16<2>(p);
  else
    one ? sum_up_int8<1>(p) : sum_up_int8<2>(p);
}

template <class Out>
void multiply_any(const panel_weights& w, const tiled_rows& x, const product_results<Out>& to,
                  std::int64_t first_panel, std::int64_t last_panel) {
  const panel_layout& l = w.layout;
  const auto bytes = l.panel_bytes(), steps = l.steps();
  const auto together = larger(most_rows, rows_at_hand / (4 * steps) / most_rows * most_rows);
  const tiles_in_use tiles;
  // GCC's intrinsics don't say that they read memory.
  asm volatile("" ::: "memory");
  alignas(64) float sums[most_rows][panel_outputs];
  for (std::int64_t from = 0; from < x.rows; from += together) {
    const auto until = smaller(x.rows, from + together);
    for (auto panel = first_panel; panel < last_panel; ++panel) {
      const std::byte* weights = w.weights + panel * bytes;
      for (auto row = from; row < until; row += most_rows) {
        const auto rows = smaller(most_rows, until - row);
        const bool fetches = row == from && panel + 1 < last_panel;
        sum_up(l.kind, {.x = x.inputs + row * steps,
                        .rows = rows,
                        .steps = steps,
                        .weights = weights,
                        .scales = x.scales + row,
                        .starts = x.starts + row,
                        .next_group = x.roomy(),
                        .ahead = fetches ? weights + bytes : nullptr,
                        .sums = sums});
        finish(w, panel, sums, to, row, rows);
      }
    }
  }
}

template <class Element>
void pack_row_any(const tiled_rows& to, std::int64_t row, const panel_layout& l, const Element* x) {
  const Element* const from = x + row * l.inputs;
  auto* const out = reinterpret_cast<std::byte*>(to.inputs + row * l.steps());
  if (l.kind == panel_kind::int8) {
    for (std::int64_t g = 0; g < l.groups(); ++g) {
      const auto at = g * int8_group;
      const auto [scale, start] = round_group(
          from + at, smaller(int8_group, l.inputs - at), [&](std::int64_t i, __m128i levels) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at + i), levels);
          });
      to.scales[g * to.roomy() + row] = scale;
      to.starts[g * to.roomy() + row] = start;
    }
    return;
  }
  const auto given = static_cast<std::size_t>(l.inputs) * sizeof(Element);
  __builtin_memcpy(out, from, given);
  __builtin_memset(out + given, 0, static_cast<std::size_t>(l.steps()) * 4 - given);
}

}  // namespace

void pack_row(const tiled_rows& to, std::int64_t row, const panel_layout& layout, const float* x) {
  pack_row_any(to, row, layout, x);
}
void pack_row(const tiled_rows& to, std::int64_t row, const panel_layout& layout,
              const bf16_bits* x) {
  pack_row_any(to, row, layout, x);
}

void multiply(const panel_weights& w, const tiled_rows& x, const product_results<float>& to,
              std::int64_t first, std::int64_t last) {
  multiply_any(w, x, to, first, last);
}
void multiply(const panel_weights& w, const tiled_rows& x, const product_results<bf16_bits>& to,
              std::int64_t first, std::int64_t last) {
  multiply_any(w, x, to, first, last);
}

}  // namespace troupe
