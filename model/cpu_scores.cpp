#include "model/cpu_scores.hpp"

#include "model/avx512.hpp"

namespace troupe {

using namespace avx512;

float highest_score(const float* scores, std::int64_t count) {
  const __m512 least = _mm512_set1_ps(-__builtin_inff());
  __m512 most[4] = {least, least, least, least};
  std::int64_t i = 0;
  // If one side is NaN the instruction gives the second.
  for (; i + 64 <= count; i += 64)
    for (int k = 0; k < 4; ++k) most[k] = _mm512_max_ps(load16(scores + i + 16 * k), most[k]);
  for (; i < count; i += 16)
    most[0] = _mm512_mask_max_ps(most[0], first(count - i), load16(scores + i, count - i), most[0]);
  return _mm512_reduce_max_ps(
      _mm512_max_ps(_mm512_max_ps(most[0], most[1]), _mm512_max_ps(most[2], most[3])));
}

std::int64_t first_score_of(const float* scores, std::int64_t count, float value) {
  const __m512 wanted = _mm512_set1_ps(value);
  for (std::int64_t i = 0; i < count; i += 16) {
    const auto found = _mm512_mask_cmp_ps_mask(first(count - i), load16(scores + i, count - i),
                                               wanted, _CMP_EQ_OQ);
    if (found) return i + __builtin_ctz(found);
  }
  return count;
}

double sum_of_exponentials(const float* scores, std::int64_t count, float highest, float by) {
  // Sums of float32 stay short, so that they lose nothing.
  constexpr std::int64_t together = 4096;
  const __m512 top = _mm512_set1_ps(highest), factor = _mm512_set1_ps(by);
  double out = 0;
  for (std::int64_t from = 0; from < count; from += together) {
    const auto to = smaller(count, from + together);
    __m512 sum = _mm512_setzero_ps();
    for (auto i = from; i < to; i += 16) {
      const __m512 x = load16(scores + i, to - i);
      const auto possible = _mm512_mask_cmp_ps_mask(first(to - i), x, x, _CMP_ORD_Q);
      const __m512 e = exp16(_mm512_mul_ps(_mm512_sub_ps(x, top), factor));
      sum = _mm512_mask_add_ps(sum, possible, sum, e);
    }
    out += _mm512_reduce_add_ps(sum);
  }
  return out;
}

}  // namespace troupe
