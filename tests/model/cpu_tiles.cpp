#include "model/cpu_tiles.hpp"

#include "support/panel_layer.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

/// Multiplied with rows in tiles.
template <class Element>
struct layer_in_tiles : panel_layer<Element> {
  using panel_layer<Element>::panel_layer;

  template <class Out>
  std::vector<Out> product(std::vector<Out> out = {}, product_manner manner = product_manner::put) {
    const panel_layout& l = this->layout;
    tiled_rows tiled{.rows = this->rows};
    // What stands beyond the last row must not matter: here it is not a number.
    std::vector<std::uint32_t> inputs(size_of(tiled.roomy() * l.steps()), 0xffffffff);
    std::vector<float> scales(size_of(tiled.roomy() * l.groups()));
    std::vector<std::int32_t> starts(scales.size());
    tiled.inputs = inputs.data();
    tiled.scales = scales.data();
    tiled.starts = starts.data();
    for (std::int64_t r = 0; r < this->rows; ++r) pack_row(tiled, r, l, this->x.data());
    return this->product_with(tiled, std::move(out), manner);
  }
};

template <class F>
void for_tiled_shapes(panel_kind kind, const F& f) {
  if (has_cpu_tiles())
    for_panel_shapes(kind, {1, 15, 16, 17, 31, 32, 33, 70}, f);
  else
    BOOST_TEST_MESSAGE("skipped: this CPU has no AMX");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cpu_tiles)

BOOST_AUTO_TEST_CASE(products_of_every_shape_are_right) {
  for_tiled_shapes(panel_kind::bf16, [](const panel_layout& l, std::int64_t rows) {
    layer_in_tiles<bf16_bits> of(l, rows);
    BOOST_TEST(of.off(of.product<float>()) < 1e-5);
    BOOST_TEST(of.off(of.product<bf16_bits>()) < 4e-3);
  });
}

BOOST_AUTO_TEST_CASE(eight_bits_keep_a_product_within_a_fiftieth) {
  for_tiled_shapes(panel_kind::int8, [](const panel_layout& l, std::int64_t rows) {
    if (l.outputs < 10) return;  // So few sums may all be near 0.
    layer_in_tiles<float> exact(l, rows);
    BOOST_TEST(exact.off(exact.product<float>()) < 0.02);
    layer_in_tiles<bf16_bits> rounded(l, rows);
    BOOST_TEST(rounded.off(rounded.product<bf16_bits>()) < 0.02);
  });
}

BOOST_AUTO_TEST_CASE(results_can_be_added_to_what_is_there) {
  for_tiled_shapes(panel_kind::bf16, [](const panel_layout& l, std::int64_t rows) {
    layer_in_tiles<bf16_bits> of(l, rows);
    const std::vector<float> before(size_of(rows * l.results()), 3.0f);
    BOOST_TEST(of.off(of.product<float>(before, product_manner::add), 3) < 1e-5);
  });
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_the_second_cache_come_in_parts) {
  if (!has_cpu_tiles()) return;
  layer_in_tiles<bf16_bits> of({panel_kind::bf16, product_form::plain, 16000, 40}, 75);
  BOOST_TEST(of.off(of.product<float>()) < 1e-5);
}

BOOST_AUTO_TEST_SUITE_END()
