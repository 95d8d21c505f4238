#include "model/cpu_panels.hpp"

#include "support/numbers.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

std::size_t size_of(std::int64_t n) { return static_cast<std::size_t>(n); }

/// A layer, what goes in, and what should come out.
template <class Element>
struct layer {
  layer(const panel_layout& of, std::int64_t with_rows)
      : layout(of),
        rows(with_rows),
        x(numbers<Element>(rows * of.inputs, 1)),
        weight(numbers<Element>(of.outputs * of.inputs, 2)),
        bias(numbers<Element>(of.outputs, 3)),
        panels(size_of(of.panels() * of.panel_bytes())),
        biases(size_of(of.panels() * panel_outputs)),
        scales(biases.size()) {
    for (std::int64_t p = 0; p < of.panels(); ++p)
      pack_panel(weights(), p, weight.data(), bias.data());
  }

  panel_weights weights() {
    return {.layout = layout,
            .weights = panels.data(),
            .bias = biases.data(),
            .scales = layout.kind == panel_kind::int8 ? scales.data() : nullptr};
  }

  /// In two parts, as two threads would.
  template <class Out>
  std::vector<Out> product(std::vector<Out> out = {}, product_manner manner = product_manner::put) {
    out.resize(size_of(rows * layout.results()));
    std::vector<std::uint32_t> inputs(size_of(rows * layout.steps()));
    std::vector<float> row_scales(size_of(rows * layout.groups()));
    std::vector<std::int32_t> starts(row_scales.size());
    const packed_rows packed{{rows}, inputs.data(), row_scales.data(), starts.data()};
    for (std::int64_t b = 0; b < packed.blocks.count(); ++b) pack_rows(packed, b, layout, x.data());
    const product_results<Out> to{out.data(), manner};
    multiply(weights(), packed, to, 0, layout.panels() / 2);
    multiply(weights(), packed, to, layout.panels() / 2, layout.panels());
    return out;
  }

  double output(std::int64_t row, std::int64_t output) {
    double sum = wide(at(bias, output));
    for (std::int64_t i = 0; i < layout.inputs; ++i)
      sum += double{wide(at(x, row * layout.inputs + i))} *
             wide(at(weight, output * layout.inputs + i));
    return sum;
  }
  double expected(std::int64_t row, std::int64_t result) {
    const double first = output(row, result);
    if (layout.form == product_form::plain) return first;
    return first / (1 + std::exp(-first)) * output(row, layout.results() + result);
  }

  /// Root of the mean square of what is off, beside that of what is expected.
  template <class Out>
  double off(std::vector<Out> got, double more = 0) {
    double wrong = 0, size = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t i = 0; i < layout.results(); ++i) {
        const double right = expected(r, i) + more;
        wrong += std::pow(right - wide(at(got, r * layout.results() + i)), 2);
        size += right * right;
      }
    }
    return std::sqrt(wrong / size);
  }

  panel_layout layout;
  std::int64_t rows;
  std::vector<Element> x, weight, bias;
  std::vector<std::byte> panels;
  std::vector<float> biases, scales;
};

template <class F>
void for_shapes(panel_kind kind, F f) {
  if (!has_cpu_kernels()) {
    BOOST_TEST_MESSAGE("skipped: this CPU has no AVX-512 with BF16 and VNNI");
    return;
  }
  for (const auto form : {product_form::plain, product_form::gated})
    for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 30})
      for (const std::int64_t inputs : {8, 33, 130, 896})
        for (const std::int64_t outputs : {2, 70}) {
          BOOST_TEST_CONTEXT(rows << " rows, " << inputs << " inputs, " << outputs << " outputs")
          f(panel_layout{kind, form, inputs, outputs}, rows);
        }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cpu_panels)

BOOST_AUTO_TEST_CASE(products_of_every_shape_are_right) {
  for_shapes(panel_kind::f32, [](const panel_layout& l, std::int64_t rows) {
    layer<float> of(l, rows);
    BOOST_TEST(of.off(of.product<float>()) < 1e-5);
  });
  for_shapes(panel_kind::bf16, [](const panel_layout& l, std::int64_t rows) {
    layer<bf16_bits> of(l, rows);
    BOOST_TEST(of.off(of.product<float>()) < 1e-5);
    BOOST_TEST(of.off(of.product<bf16_bits>()) < 4e-3);
  });
}

BOOST_AUTO_TEST_CASE(eight_bits_keep_a_product_within_a_fiftieth) {
  for_shapes(panel_kind::int8, [](const panel_layout& l, std::int64_t rows) {
    if (l.outputs < 10) return;  // So few sums may all be near 0.
    layer<float> exact(l, rows);
    BOOST_TEST(exact.off(exact.product<float>()) < 0.02);
    layer<bf16_bits> rounded(l, rows);
    BOOST_TEST(rounded.off(rounded.product<bf16_bits>()) < 0.02);
  });
}

BOOST_AUTO_TEST_CASE(results_can_be_added_to_what_is_there) {
  for_shapes(panel_kind::f32, [](const panel_layout& l, std::int64_t rows) {
    layer<float> of(l, rows);
    const std::vector<float> before(size_of(rows * l.results()), 3.0f);
    BOOST_TEST(of.off(of.product<float>(before, product_manner::add), 3) < 1e-5);
  });
}

BOOST_AUTO_TEST_CASE(an_outputs_weights_come_back_from_their_panel) {
  auto compare = []<class Element>(layer<Element> of) {
    for (std::int64_t o = 0; o < of.layout.outputs; ++o) {
      std::vector<Element> got(size_of(of.layout.inputs));
      unpack_output(of.weights(), o, got.data());
      const auto* right = of.weight.data() + o * of.layout.inputs;
      BOOST_TEST(std::equal(got.begin(), got.end(), right));
    }
  };
  for_shapes(panel_kind::f32, [&](const panel_layout& l, std::int64_t rows) {
    if (rows == 1) compare(layer<float>(l, rows));
  });
  for_shapes(panel_kind::bf16, [&](const panel_layout& l, std::int64_t rows) {
    if (rows == 1) compare(layer<bf16_bits>(l, rows));
  });
}

BOOST_AUTO_TEST_SUITE_END()
