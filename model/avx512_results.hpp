#pragma once
// What becomes of the sums of a product with a panel (model/cpu_panels.hpp).

#include "model/avx512.hpp"
#include "model/cpu_panels.hpp"

namespace troupe::avx512 {

/// Sums of a panel become results of the rows from `row` on.
template <class Out>
inline void finish(const panel_weights& w, std::int64_t panel, const float (*sums)[panel_outputs],
                   const product_results<Out>& to, std::int64_t row, std::int64_t rows) {
  const auto width = w.layout.results_of_panel(), step = w.layout.results();
  const auto count = smaller(width, step - panel * width);
  const bool adds = to.manner == product_manner::add;
  __m512 scales[2], bias[2];
  for (int half = 0; half < 2; ++half) {
    const std::int64_t at = panel * panel_outputs + 16 * half;
    scales[half] = w.scales ? _mm512_loadu_ps(w.scales + at) : _mm512_set1_ps(1);
    bias[half] = w.bias ? _mm512_loadu_ps(w.bias + at) : _mm512_setzero_ps();
  }
  Out* out = to.out + row * step + panel * width;
  for (std::int64_t r = 0; r < rows; ++r, out += step) {
    __m512 v[2];
    for (int half = 0; half < 2; ++half)
      v[half] = _mm512_fmadd_ps(_mm512_loadu_ps(sums[r] + 16 * half), scales[half], bias[half]);
    if (width == 16) v[0] = _mm512_mul_ps(silu(v[0]), v[1]);
    for (std::int64_t i = 0; i < count; i += 16) {
      __m512 x = v[i / 16];
      if (adds) x = _mm512_add_ps(x, load16(out + i, count - i));
      store16(out + i, x, count - i);
    }
  }
}

}  // namespace troupe::avx512
