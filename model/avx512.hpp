#pragma once
// What the files compiled for AVX-512 share. They use no templates of the standard library: the
// linker might take a copy of one from there for all of the program, and that must run everywhere.

#include <cstdint>

// GCC bug 105593: its header's "undefined" registers are taken for mistakes.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

namespace troupe::avx512 {

using bf16 = std::uint16_t;

inline std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
inline std::int64_t larger(std::int64_t a, std::int64_t b) { return a < b ? b : a; }

inline float wide(float x) { return x; }
inline float wide(bf16 x) { return __builtin_bit_cast(float, static_cast<std::uint32_t>(x) << 16); }
inline void put(float* out, float x) { *out = x; }
inline void put(bf16* out, float x) {
  const auto bits = __builtin_bit_cast(std::uint32_t, x);
  *out = static_cast<bf16>(x != x ? 0x7fc0 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline __mmask16 first(std::int64_t n) {
  return static_cast<__mmask16>(n >= 16 ? 0xffff : (1u << n) - 1);
}
/// Sixteen elements as floats, or the first `n`.
inline __m512 load16(const float* p) { return _mm512_loadu_ps(p); }
inline __m512 load16(const float* p, std::int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
inline __m512 widened(__m256i x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}
inline __m512 load16(const bf16* p) {
  return widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline __m512 load16(const bf16* p, std::int64_t n) {
  return widened(_mm256_maskz_loadu_epi16(first(n), p));
}
inline void store16(float* p, __m512 x, std::int64_t n) { _mm512_mask_storeu_ps(p, first(n), x); }
inline void store16(bf16* p, __m512 x, std::int64_t n) {
  _mm256_mask_storeu_epi16(p, first(n), (__m256i)_mm512_cvtneps_pbh(x));
}

/// How a chunk of 64 bytes of each element type is loaded and multiplied.
struct float_chunks {
  using element = float;
  using chunk = __m512;
  static constexpr std::int64_t width = 16;
  static chunk load(const float* p) { return _mm512_loadu_ps(p); }
  static chunk load(const float* p, std::int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
  static __m512 add_product(__m512 sum, chunk a, chunk b) { return _mm512_fmadd_ps(a, b, sum); }
};

struct bf16_chunks {
  using element = bf16;
  using chunk = __m512i;
  static constexpr std::int64_t width = 32;
  static chunk load(const bf16* p) { return _mm512_loadu_si512(p); }
  static chunk load(const bf16* p, std::int64_t n) {
    return _mm512_maskz_loadu_epi16(static_cast<__mmask32>((std::uint64_t{1} << n) - 1), p);
  }
  static __m512 add_product(__m512 sum, chunk a, chunk b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
  }
};

/// The sums of four vectors.
inline __m128 sums_of(__m512 a, __m512 b, __m512 c, __m512 d) {
  auto half = [](__m512 v) {
    return _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  };
  const __m256 ab = _mm256_hadd_ps(half(a), half(b)), cd = _mm256_hadd_ps(half(c), half(d));
  const __m256 all = _mm256_hadd_ps(ab, cd);
  return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

/// exp, to about two units in the last place: 2^n times a polynomial (Cephes' expf).
inline __m512 exp16(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-104.0f));
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504088896341f)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  __m512 y = _mm512_set1_ps(1.9875691500e-4f);
  constexpr float coefficients[] = {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
                                    1.6666665459e-1f, 5.0000001201e-1f};
  for (const float c : coefficients) y = _mm512_fmadd_ps(y, r, _mm512_set1_ps(c));
  y = _mm512_fmadd_ps(_mm512_mul_ps(r, r), y, _mm512_add_ps(r, _mm512_set1_ps(1.0f)));
  return _mm512_scalef_ps(y, n);
}

inline __m512 silu(__m512 v) {
  // Beyond 88 the other way round exp would overflow; silu(x) is x there, and 0 below.
  const __m512 e = exp16(_mm512_min_ps(_mm512_sub_ps(_mm512_setzero_ps(), v), _mm512_set1_ps(88)));
  return _mm512_div_ps(v, _mm512_add_ps(_mm512_set1_ps(1), e));
}

}  // namespace troupe::avx512
