#pragma once
// Rounding to levels of eight bits (panel_kind::int8).

#include "model/avx512.hpp"
#include "model/panel_layout.hpp"

namespace troupe::avx512 {

template <class Element>
float largest_of(const Element* x, std::int64_t size) {
  __m512 most = _mm512_setzero_ps();
  for (std::int64_t i = 0; i < size; i += 16)
    most = _mm512_max_ps(most, _mm512_abs_ps(load16(x + i, size - i)));
  return _mm512_reduce_max_ps(most);
}

/// Up to 16 elements as levels; those beyond `n` are 0.
template <class Element>
__m128i levels16(const Element* x, std::int64_t n, __m512 by) {
  return _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(load16(x, n), by)));
}

/// The sum of 16 levels.
inline std::int32_t sum_of(__m128i levels) {
  return _mm512_reduce_add_epi32(_mm512_cvtepi8_epi32(levels));
}

/// What goes with a group of rounded inputs: their scale, and where a sum of products with weights
/// that are 128 too high begins.
struct group_of_levels {
  float scale = 0;
  std::int32_t start = 0;
};

/// A group's inputs, the first `size` of them, as levels: `put(i, levels)` for each 16 of the
/// group.
template <class Element, class Put>
group_of_levels round_group(const Element* x, std::int64_t size, const Put& put) {
  const float largest = largest_of(x, size);
  const __m512 by = _mm512_set1_ps(largest > 0 ? 127 / largest : 0);
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < int8_group; i += 16) {
    const __m128i levels = i < size ? levels16(x + i, size - i, by) : _mm_setzero_si128();
    sum += sum_of(levels);
    put(i, levels);
  }
  return {largest / 127, -128 * sum};
}

}  // namespace troupe::avx512
