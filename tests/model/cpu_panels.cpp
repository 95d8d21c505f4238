#include "model/cpu_panels.hpp"

#include "support/panel_layer.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Multiplied with rows in blocks.
template <class Element>
struct layer_in_blocks : panel_layer<Element> {
  using panel_layer<Element>::panel_layer;

  template <class Out>
  std::vector<Out> product(std::vector<Out> out = {}, product_manner manner = product_manner::put) {
    const panel_layout& l = this->layout;
    std::vector<std::uint32_t> inputs(size_of(this->rows * l.steps()));
    std::vector<float> scales(size_of(this->rows * l.groups()));
    std::vector<std::int32_t> starts(scales.size());
    const packed_rows packed{{this->rows}, inputs.data(), scales.data(), starts.data()};
    for (std::int64_t b = 0; b < packed.blocks.count(); ++b)
      pack_rows(packed, b, l, this->x.data());
    return this->product_with(packed, std::move(out), manner);
  }
};

template <class F>
void for_shapes(panel_kind kind, const F& f) {
  if (has_cpu_kernels())
    for_panel_shapes(kind, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 30}, f);
  else
    BOOST_TEST_MESSAGE("skipped: this CPU has no AVX-512 with BF16 and VNNI");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cpu_panels)

BOOST_AUTO_TEST_CASE(products_of_every_shape_are_right) {
  for_shapes(panel_kind::f32, [](const panel_layout& l, std::int64_t rows) {
    layer_in_blocks<float> of(l, rows);
    BOOST_TEST(of.off(of.product<float>()) < 1e-5);
  });
  for_shapes(panel_kind::bf16, [](const panel_layout& l, std::int64_t rows) {
    layer_in_blocks<bf16_bits> of(l, rows);
    BOOST_TEST(of.off(of.product<float>()) < 1e-5);
    BOOST_TEST(of.off(of.product<bf16_bits>()) < 4e-3);
  });
}

BOOST_AUTO_TEST_CASE(eight_bits_keep_a_product_within_a_fiftieth) {
  for_shapes(panel_kind::int8, [](const panel_layout& l, std::int64_t rows) {
    if (l.outputs < 10) return;  // So few sums may all be near 0.
    layer_in_blocks<float> exact(l, rows);
    BOOST_TEST(exact.off(exact.product<float>()) < 0.02);
    layer_in_blocks<bf16_bits> rounded(l, rows);
    BOOST_TEST(rounded.off(rounded.product<bf16_bits>()) < 0.02);
  });
}

BOOST_AUTO_TEST_CASE(results_can_be_added_to_what_is_there) {
  for_shapes(panel_kind::f32, [](const panel_layout& l, std::int64_t rows) {
    layer_in_blocks<float> of(l, rows);
    const std::vector<float> before(size_of(rows * l.results()), 3.0f);
    BOOST_TEST(of.off(of.product<float>(before, product_manner::add), 3) < 1e-5);
  });
}

BOOST_AUTO_TEST_CASE(an_outputs_weights_come_back_from_their_panel) {
  auto compare = []<class Element>(layer_in_blocks<Element> of) {
    for (std::int64_t o = 0; o < of.layout.outputs; ++o) {
      std::vector<Element> got(size_of(of.layout.inputs));
      unpack_output(of.weights(), o, got.data());
      const auto* right = of.weight.data() + o * of.layout.inputs;
      BOOST_TEST(std::equal(got.begin(), got.end(), right));
    }
  };
  for_shapes(panel_kind::f32, [&](const panel_layout& l, std::int64_t rows) {
    if (rows == 1) compare(layer_in_blocks<float>(l, rows));
  });
  for_shapes(panel_kind::bf16, [&](const panel_layout& l, std::int64_t rows) {
    if (rows == 1) compare(layer_in_blocks<bf16_bits>(l, rows));
  });
}

BOOST_AUTO_TEST_SUITE_END()
