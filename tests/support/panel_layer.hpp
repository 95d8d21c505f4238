#pragma once
// Layers in panels, and what should come out of them.

#include "model/cpu_panels.hpp"
#include "support/numbers.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <vector>

namespace troupe::test {

inline std::size_t size_of(std::int64_t n) { return static_cast<std::size_t>(n); }

/// A layer, what goes in, and what should come out.
template <class Element>
struct panel_layer {
  panel_layer(const panel_layout& of, std::int64_t with_rows)
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

  /// The product with rows in an order, in two parts, as two threads would.
  template <class Out, class Rows>
  std::vector<Out> product_with(const Rows& ordered, std::vector<Out> out, product_manner manner) {
    out.resize(size_of(rows * layout.results()));
    const product_results<Out> to{out.data(), manner};
    multiply(weights(), ordered, to, 0, layout.panels() / 2);
    multiply(weights(), ordered, to, layout.panels() / 2, layout.panels());
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

/// Calls f(layout, rows) for layers of both forms.
template <class F>
void for_panel_shapes(panel_kind kind, std::initializer_list<std::int64_t> all_rows, const F& f) {
  for (const auto form : {product_form::plain, product_form::gated})
    for (const std::int64_t rows : all_rows)
      for (const std::int64_t inputs : {8, 33, 130, 896})
        for (const std::int64_t outputs : {2, 70}) {
          BOOST_TEST_CONTEXT(rows << " rows, " << inputs << " inputs, " << outputs << " outputs")
          f(panel_layout{kind, form, inputs, outputs}, rows);
        }
}

}  // namespace troupe::test
