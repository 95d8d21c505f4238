#include "model/cpu_attention.hpp"
#include "support/numbers.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

/// What a kernel may differ by: its sums are float32, its results may be BF16.
template <class Element>
constexpr double allowed = sizeof(Element) == 4 ? 1e-4 : 2e-2;

template <class Element>
void compare_linear(std::int64_t rows, std::int64_t inputs, std::int64_t outputs) {
  auto x = numbers<Element>(rows * inputs, 1), w = numbers<Element>(outputs * inputs, 2);
  auto bias = numbers<Element>(outputs, 3);
  std::vector<Element> out(static_cast<std::size_t>(rows * outputs));
  const linear_task<Element> task{x.data(), rows, w.data(), inputs, bias.data(), outputs};
  // In two parts, as two threads would.
  linear(task, out.data(), 0, outputs / 2);
  linear(task, out.data(), outputs / 2, outputs);
  double furthest = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t o = 0; o < outputs; ++o) {
      double sum = wide(at(bias, o)), size = 1;
      for (std::int64_t i = 0; i < inputs; ++i) {
        const double product = double{wide(at(x, r * inputs + i))} * wide(at(w, o * inputs + i));
        sum += product;
        size += std::abs(product);
      }
      furthest = std::max(furthest, std::abs(sum - wide(at(out, r * outputs + o))) / size);
    }
  }
  BOOST_TEST(furthest < allowed<Element>);
}

template <class Element>
void compare_attention(std::int64_t rows, std::int64_t from, std::int64_t size) {
  const std::int64_t heads = 6, kv_heads = 2, block_size = 8, blocks = 8;
  auto query = numbers<Element>(rows * heads * size, 1);
  auto keys = numbers<Element>(blocks * block_size * kv_heads * size, 2);
  auto values = numbers<Element>(blocks * block_size * kv_heads * size, 3);
  const std::vector<std::int32_t> table = {5, 0, 7, 2, 3, 1, 6, 4};
  std::vector<Element> out(query.size());
  const attention_task<Element> task{query.data(), rows,       from,        heads,
                                     kv_heads,     size,       keys.data(), values.data(),
                                     table.data(), block_size, out.data()};
  std::vector<float> scratch(static_cast<std::size_t>(task.scratch()), std::nanf(""));
  for (std::int64_t h = 0; h < kv_heads; ++h)
    for (std::int64_t tile = 0; tile < task.tiles(); ++tile) attend(task, h, tile, scratch.data());
  double furthest = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t h = 0; h < heads; ++h) {
      auto place = [&](std::int64_t p) {
        const std::int64_t block = table[static_cast<std::size_t>(p / block_size)];
        return ((block * block_size + p % block_size) * kv_heads + h / 3) * size;
      };
      std::vector<double> weights, expected(static_cast<std::size_t>(size));
      double sum = 0;
      for (std::int64_t p = 0; p <= from + r; ++p) {
        double dot = 0;
        for (std::int64_t d = 0; d < size; ++d)
          dot += double{wide(at(query, (r * heads + h) * size + d))} * wide(at(keys, place(p) + d));
        weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(size))));
        sum += weights.back();
      }
      for (std::int64_t p = 0; p <= from + r; ++p)
        for (std::int64_t d = 0; d < size; ++d)
          at(expected, d) += at(weights, p) / sum * wide(at(values, place(p) + d));
      for (std::int64_t d = 0; d < size; ++d)
        furthest = std::max(furthest,
                            std::abs(at(expected, d) - wide(at(out, (r * heads + h) * size + d))));
    }
  }
  BOOST_TEST(furthest < allowed<Element>);
}

struct with_kernels {
  static bool missing() {
    if (has_cpu_kernels()) return false;
    BOOST_TEST_MESSAGE("skipped: this CPU has no AVX-512 with BF16 and VNNI");
    return true;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cpu_kernels, with_kernels)

BOOST_AUTO_TEST_CASE(linear_layers_of_every_shape_are_right) {
  if (missing()) return;
  for (const std::int64_t rows : {1, 2, 3, 4, 7, 150})
    for (const std::int64_t inputs : {8, 48, 100, 896})
      for (const std::int64_t outputs : {1, 6, 33}) {
        compare_linear<float>(rows, inputs, outputs);
        compare_linear<bf16_bits>(rows, inputs, outputs);
      }
}

BOOST_AUTO_TEST_CASE(attention_looks_back_through_blocks_and_never_ahead) {
  if (missing()) return;
  for (const std::int64_t rows : {1, 2, 5, 17})
    for (const std::int64_t from : {0, 3, 40})
      for (const std::int64_t size : {8, 48, 64, 128}) {
        compare_attention<float>(rows, from, size);
        compare_attention<bf16_bits>(rows, from, size);
      }
}

BOOST_AUTO_TEST_CASE(small_steps_are_what_their_formulas_say) {
  if (missing()) return;
  for (const std::int64_t n : {8, 20, 64}) {
    auto x = numbers<float>(n, 1), y = numbers<float>(n, 2);
    std::vector<float> out(static_cast<std::size_t>(n));
    for (float& v : x) v *= 20;
    gate_row(x.data(), y.data(), n, out.data());
    for (std::int64_t i = 0; i < n; ++i)
      BOOST_TEST(std::abs(at(out, i) - at(x, i) / (1 + std::exp(-double{at(x, i)})) * at(y, i)) <
                 1e-4);
    rms_norm_row(x.data(), y.data(), n, 1e-5f, out.data());
    double squares = 0;
    for (float v : x) squares += double{v} * v;
    for (std::int64_t i = 0; i < n; ++i)
      BOOST_TEST(std::abs(at(out, i) - at(x, i) * at(y, i) /
                                           std::sqrt(squares / static_cast<double>(n) + 1e-5)) <
                 1e-5);
    std::vector<float> cosine, sine;
    for (std::int64_t i = 0; i < n / 2; ++i) {
      cosine.push_back(std::cos(static_cast<float>(i)));
      sine.push_back(std::sin(static_cast<float>(i)));
    }
    rotate_head(x.data(), cosine.data(), sine.data(), n / 2, out.data());
    for (std::int64_t i = 0; i < n / 2; ++i) {
      BOOST_TEST(std::abs(at(out, i) -
                          (at(x, i) * at(cosine, i) - at(x, i + n / 2) * at(sine, i))) < 1e-4);
      BOOST_TEST(std::abs(at(out, i + n / 2) -
                          (at(x, i + n / 2) * at(cosine, i) + at(x, i) * at(sine, i))) < 1e-4);
    }
  }
  const float extremes[] = {-1000, -90, 90, 1000}, ones[] = {1, 1, 1, 1};
  float out[4];
  gate_row(extremes, ones, 4, out);
  BOOST_TEST(std::abs(out[0]) < 1e-3f);
  BOOST_TEST(out[3] == 1000);
}

BOOST_AUTO_TEST_SUITE_END()
