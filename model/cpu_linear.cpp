#include "model/cpu_linear.hpp"

#include "model/avx512.hpp"

namespace troupe {

namespace {

using namespace avx512;

constexpr std::int64_t outputs_at_once = 4;

/// `Rows` rows by four outputs. Weights beyond the last output are those of the last one again.
template <class Chunks, int Rows, class Out>
void multiply(const linear_task<typename Chunks::element>& t, Out* out, std::int64_t row,
              std::int64_t output, std::int64_t count) {
  using element = typename Chunks::element;
  const element* w[outputs_at_once];
  for (std::int64_t i = 0; i < outputs_at_once; ++i)
    w[i] = t.weight + (output + smaller(i, count - 1)) * t.inputs;
  const element* x = t.x + row * t.inputs;
  __m512 sums[Rows][outputs_at_once];
  for (auto& r : sums)
    for (auto& s : r) s = _mm512_setzero_ps();
  auto add = [&](auto load) {
    typename Chunks::chunk weights[outputs_at_once];
    for (std::int64_t i = 0; i < outputs_at_once; ++i) weights[i] = load(w[i]);
    for (int r = 0; r < Rows; ++r) {
      const auto values = load(x + r * t.inputs);
      for (std::int64_t i = 0; i < outputs_at_once; ++i)
        sums[r][i] = Chunks::add_product(sums[r][i], values, weights[i]);
    }
  };
  std::int64_t k = 0;
  for (; k + Chunks::width <= t.inputs; k += Chunks::width)
    add([k](const element* p) { return Chunks::load(p + k); });
  if (k < t.inputs) add([k, n = t.inputs - k](const element* p) { return Chunks::load(p + k, n); });
  for (int r = 0; r < Rows; ++r) {
    alignas(16) float total[outputs_at_once];
    _mm_store_ps(total, sums_of(sums[r][0], sums[r][1], sums[r][2], sums[r][3]));
    for (std::int64_t i = 0; i < count; ++i) {
      const float bias = t.bias ? wide(t.bias[output + i]) : 0.0f;
      put(out + (row + r) * t.outputs + output + i, total[i] + bias);
    }
  }
}

/// Rows in fours; so many of them that they stay in the first cache while weights pass by.
template <class Chunks, class Out>
void multiply_all(const linear_task<typename Chunks::element>& t, Out* out, std::int64_t first,
                  std::int64_t last) {
  const std::int64_t row_bytes = t.inputs * static_cast<std::int64_t>(sizeof(*t.x));
  const std::int64_t together = larger(4, (std::int64_t{256} << 10) / row_bytes / 4 * 4);
  for (std::int64_t from = 0; from < t.rows; from += together) {
    const std::int64_t to = smaller(t.rows, from + together);
    for (std::int64_t o = first; o < last; o += outputs_at_once) {
      const std::int64_t count = smaller(outputs_at_once, last - o);
      std::int64_t row = from;
      for (; row + 4 <= to; row += 4) multiply<Chunks, 4>(t, out, row, o, count);
      if (to - row == 3) multiply<Chunks, 3>(t, out, row, o, count);
      if (to - row == 2) multiply<Chunks, 2>(t, out, row, o, count);
      if (to - row == 1) multiply<Chunks, 1>(t, out, row, o, count);
    }
  }
}

template <class Element>
void round_any(const Element* x, std::int64_t size, std::uint8_t* levels, float* scales) {
  for (std::int64_t k = 0; k < size; k += int8_group) {
    const auto end = smaller(size, k + int8_group);
    float largest = 0;
    for (auto i = k; i < end; ++i) {
      const float a = __builtin_fabsf(wide(x[i]));
      largest = a > largest ? a : largest;
    }
    const float scale = largest / 127, by = largest > 0 ? 127 / largest : 0;
    *scales++ = scale;
    for (auto i = k; i < end; ++i)
      levels[i] =
          static_cast<std::uint8_t>(static_cast<int>(__builtin_nearbyintf(wide(x[i]) * by)) + 128);
    for (auto i = end; i < k + int8_group; ++i) levels[i] = 128;
  }
}

template <int Rows, class Out>
void multiply(const int8_rows& x, const int8_weights& w, const float* bias, Out* out,
              std::int64_t row, std::int64_t output, std::int64_t count) {
  const std::int64_t groups = x.padded / int8_group;
  const std::int8_t* weight[outputs_at_once];
  const std::int32_t* starting[outputs_at_once];
  for (std::int64_t i = 0; i < outputs_at_once; ++i) {
    const auto o = output + smaller(i, count - 1);
    weight[i] = w.levels + o * x.padded;
    starting[i] = w.starts + o * groups;
  }
  const std::uint8_t* levels = x.levels + row * x.padded;
  __m512 sums[Rows][outputs_at_once];
  for (auto& r : sums)
    for (auto& s : r) s = _mm512_setzero_ps();
  for (std::int64_t g = 0; g < groups; ++g) {
    const std::int64_t k = g * int8_group;
    // Levels of x are 128 too high: each sum starts so much lower.
    __m512i weights[2][outputs_at_once], starts[outputs_at_once];
    for (std::int64_t i = 0; i < outputs_at_once; ++i) {
      weights[0][i] = _mm512_loadu_si512(weight[i] + k);
      weights[1][i] = _mm512_loadu_si512(weight[i] + k + 64);
      starts[i] = _mm512_maskz_loadu_epi32(1, starting[i] + g);
    }
    for (int r = 0; r < Rows; ++r) {
      const __m512i a = _mm512_loadu_si512(levels + r * x.padded + k);
      const __m512i b = _mm512_loadu_si512(levels + r * x.padded + k + 64);
      const __m512 by = _mm512_set1_ps(x.scales[(row + r) * groups + g]);
      for (std::int64_t i = 0; i < outputs_at_once; ++i) {
        __m512i dot = _mm512_dpbusd_epi32(starts[i], a, weights[0][i]);
        dot = _mm512_dpbusd_epi32(dot, b, weights[1][i]);
        sums[r][i] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), by, sums[r][i]);
      }
    }
  }
  for (int r = 0; r < Rows; ++r) {
    alignas(16) float total[outputs_at_once];
    _mm_store_ps(total, sums_of(sums[r][0], sums[r][1], sums[r][2], sums[r][3]));
    for (std::int64_t i = 0; i < count; ++i)
      put(out + (row + r) * w.outputs + output + i,
          total[i] * w.scales[output + i] + (bias ? bias[output + i] : 0.0f));
  }
}

template <class Out>
void multiply_all(const int8_rows& x, const int8_weights& w, const float* bias, Out* out,
                  std::int64_t first, std::int64_t last) {
  const std::int64_t together = larger(4, (std::int64_t{256} << 10) / x.padded / 4 * 4);
  for (std::int64_t from = 0; from < x.rows; from += together) {
    const std::int64_t to = smaller(x.rows, from + together);
    for (std::int64_t o = first; o < last; o += outputs_at_once) {
      const std::int64_t count = smaller(outputs_at_once, last - o);
      std::int64_t row = from;
      for (; row + 4 <= to; row += 4) multiply<4>(x, w, bias, out, row, o, count);
      if (to - row == 3) multiply<3>(x, w, bias, out, row, o, count);
      if (to - row == 2) multiply<2>(x, w, bias, out, row, o, count);
      if (to - row == 1) multiply<1>(x, w, bias, out, row, o, count);
    }
  }
}

}  // namespace

void linear(const linear_task<float>& t, float* out, std::int64_t first, std::int64_t last) {
  multiply_all<float_chunks>(t, out, first, last);
}
void linear(const linear_task<bf16_bits>& t, bf16_bits* out, std::int64_t first,
            std::int64_t last) {
  multiply_all<bf16_chunks>(t, out, first, last);
}
void linear(const linear_task<bf16_bits>& t, float* out, std::int64_t first, std::int64_t last) {
  multiply_all<bf16_chunks>(t, out, first, last);
}
void round_row(const float* x, std::int64_t size, std::uint8_t* levels, float* scales) {
  round_any(x, size, levels, scales);
}
void round_row(const bf16_bits* x, std::int64_t size, std::uint8_t* levels, float* scales) {
  round_any(x, size, levels, scales);
}
void linear(const int8_rows& x, const int8_weights& w, const float* bias, float* out,
            std::int64_t first, std::int64_t last) {
  multiply_all(x, w, bias, out, first, last);
}
void linear(const int8_rows& x, const int8_weights& w, const float* bias, bf16_bits* out,
            std::int64_t first, std::int64_t last) {
  multiply_all(x, w, bias, out, first, last);
}

float round_weights(const float* w, std::int64_t size, std::int8_t* levels, std::int32_t* starts) {
  float largest = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const float a = __builtin_fabsf(w[i]);
    largest = a > largest ? a : largest;
  }
  const float by = largest > 0 ? 127 / largest : 0;
  for (std::int64_t k = 0; k < size; k += int8_group) {
    std::int32_t sum = 0;
    for (auto i = k; i < k + int8_group; ++i) {
      levels[i] =
          i < size ? static_cast<std::int8_t>(__builtin_nearbyintf(w[i] * by)) : std::int8_t{0};
      sum += levels[i];
    }
    *starts++ = -128 * sum;
  }
  return largest / 127;
}

}  // namespace troupe
