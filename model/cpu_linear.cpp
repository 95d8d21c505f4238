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

}  // namespace troupe
