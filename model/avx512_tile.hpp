#pragma once
// The innermost product of the kernels: a block of rows times a panel (model/panel_layout.hpp).

#include "model/avx512.hpp"
#include "model/panel_layout.hpp"

#include <cstddef>

namespace troupe::avx512 {

constexpr std::int64_t steps_of_group = int8_group / 4;

inline __m512i load_weights(const std::byte* p) { return _mm512_loadu_si512(p); }

/// How the 4 bytes of a step are multiplied and added up; sums are float or int32.
struct f32_steps {
  static __m512 add(__m512 sum, __m512i w, std::uint32_t x) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(w),
                           _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<int>(x))), sum);
  }
};
struct bf16_steps {
  static __m512 add(__m512 sum, __m512i w, std::uint32_t x) {
    return _mm512_dpbf16_ps(sum, (__m512bh)w, (__m512bh)_mm512_set1_epi32(static_cast<int>(x)));
  }
};

/// What one product of a block with a panel is about.
struct tile {
  const std::uint32_t* x;
  const float* scales;
  const std::int32_t* starts;
  const std::byte* weights;
  std::int64_t steps;
  /// Memory that is wanted next, 64 bytes for each step: it comes while this is computed.
  const std::byte *ahead, *also_ahead;
  float (*sums)[panel_outputs];
};

template <class Steps, int Rows>
void sum_up(const tile& t) {
  __m512 sums[Rows][2];
  for (auto& row : sums) row[0] = row[1] = _mm512_setzero_ps();
  const std::uint32_t* x = t.x;
  const std::byte* w = t.weights;
  for (std::int64_t s = 0; s < t.steps; ++s, x += Rows, w += 128) {
    _mm_prefetch(t.ahead + 64 * s, _MM_HINT_T1);
    _mm_prefetch(t.also_ahead + 64 * s, _MM_HINT_T1);
    const __m512i a = load_weights(w), b = load_weights(w + 64);
    for (int r = 0; r < Rows; ++r) {
      sums[r][0] = Steps::add(sums[r][0], a, x[r]);
      sums[r][1] = Steps::add(sums[r][1], b, x[r]);
    }
  }
  for (int r = 0; r < Rows; ++r) {
    _mm512_storeu_ps(t.sums[r], sums[r][0]);
    _mm512_storeu_ps(t.sums[r] + 16, sums[r][1]);
  }
}

/// Weights are 128 too high, so that they have no sign, as the instruction wants one side: a row's
/// sums start so much lower.
struct int8_steps {};

/// GCC 12 moves sums from register to register around the intrinsic, half as fast for many rows.
inline void add_products(__m512i& sum, __m512i unsigned_levels, __m512i levels) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(unsigned_levels), "v"(levels));
}

template <int Rows>
void sum_up_int8(const tile& t) {
  for (int r = 0; r < Rows; ++r) {
    _mm512_storeu_ps(t.sums[r], _mm512_setzero_ps());
    _mm512_storeu_ps(t.sums[r] + 16, _mm512_setzero_ps());
  }
  const std::uint32_t* x = t.x;
  const std::byte *w = t.weights, *ahead = t.ahead, *also_ahead = t.also_ahead;
  const float* scales = t.scales;
  const std::int32_t* starts = t.starts;
  for (std::int64_t from = 0; from < t.steps; from += steps_of_group) {
    __m512i dots[Rows][2];
    for (int r = 0; r < Rows; ++r) dots[r][0] = dots[r][1] = _mm512_set1_epi32(starts[r]);
    for (std::int64_t s = 0; s < steps_of_group; ++s, x += Rows, w += 128) {
      _mm_prefetch(ahead, _MM_HINT_T1);
      _mm_prefetch(also_ahead, _MM_HINT_T1);
      ahead += 64;
      also_ahead += 64;
      const __m512i a = load_weights(w), b = load_weights(w + 64);
      for (int r = 0; r < Rows; ++r) {
        const __m512i v = _mm512_set1_epi32(static_cast<int>(x[r]));
        add_products(dots[r][0], a, v);
        add_products(dots[r][1], b, v);
      }
    }
    for (int r = 0; r < Rows; ++r) {
      const __m512 by = _mm512_set1_ps(scales[r]);
      for (int half = 0; half < 2; ++half) {
        float* sum = t.sums[r] + 16 * half;
        _mm512_storeu_ps(
            sum, _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[r][half]), by, _mm512_loadu_ps(sum)));
      }
    }
    scales += Rows;
    starts += Rows;
  }
}

template <class Steps, int Rows>
void sum_up_rows(const tile& t) {
  if constexpr (__is_same(Steps, int8_steps))
    sum_up_int8<Rows>(t);
  else
    sum_up<Steps, Rows>(t);
}

template <class Steps>
constexpr void (*by_rows[most_block_rows])(const tile&) = {
    sum_up_rows<Steps, 1>, sum_up_rows<Steps, 2>,  sum_up_rows<Steps, 3>,  sum_up_rows<Steps, 4>,
    sum_up_rows<Steps, 5>, sum_up_rows<Steps, 6>,  sum_up_rows<Steps, 7>,  sum_up_rows<Steps, 8>,
    sum_up_rows<Steps, 9>, sum_up_rows<Steps, 10>, sum_up_rows<Steps, 11>, sum_up_rows<Steps, 12>};

/// For blocks of so many rows.
inline auto sum_up_function(panel_kind kind, std::int64_t rows) -> void (*)(const tile&) {
  switch (kind) {
    case panel_kind::f32:
      return by_rows<f32_steps>[rows - 1];
    case panel_kind::bf16:
      return by_rows<bf16_steps>[rows - 1];
    case panel_kind::int8:
      break;
  }
  return by_rows<int8_steps>[rows - 1];
}

}  // namespace troupe::avx512
