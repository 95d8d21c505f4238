#include "model/float8.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace troupe;

BOOST_AUTO_TEST_SUITE(float8)

BOOST_AUTO_TEST_CASE(bytes_stand_for_the_values_that_the_format_names) {
  BOOST_TEST(from_float8(0x00) == 0.0f);
  BOOST_TEST(from_float8(0x01) == std::ldexp(1.0f, -9));
  BOOST_TEST(from_float8(0x07) == 0.875f * std::ldexp(1.0f, -6));
  BOOST_TEST(from_float8(0x08) == std::ldexp(1.0f, -6));
  BOOST_TEST(from_float8(0x38) == 1.0f);
  BOOST_TEST(from_float8(0x3c) == 1.5f);
  BOOST_TEST(from_float8(0x7e) == 448.0f);
  BOOST_TEST(from_float8(0xfe) == -448.0f);
  BOOST_TEST(std::signbit(from_float8(0x80)));
  BOOST_TEST(std::isnan(from_float8(0x7f)));
  BOOST_TEST(std::isnan(from_float8(0xff)));
}

BOOST_AUTO_TEST_CASE(values_rise_with_their_bytes) {
  for (std::uint8_t bits = 0; bits < 0x7e; ++bits)
    BOOST_TEST(from_float8(bits) < from_float8(static_cast<std::uint8_t>(bits + 1)));
}

BOOST_AUTO_TEST_SUITE_END()
