#include "model/float8.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace troupe {

namespace {

std::array<float, 256> all_values() {
  std::array<float, 256> out{};
  for (int bits = 0; bits < 128; ++bits) {
    const int exponent = bits >> 3, mantissa = bits & 7;
    const float size = bits == 127 ? std::numeric_limits<float>::quiet_NaN()
                       : exponent == 0
                           ? std::ldexp(static_cast<float>(mantissa), -9)
                           : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
    out[static_cast<std::size_t>(bits)] = size;
    out[static_cast<std::size_t>(bits + 128)] = -size;
  }
  return out;
}

}  // namespace

float from_float8(std::uint8_t bits) noexcept {
  static const std::array<float, 256> values = all_values();
  return values[bits];
}

}  // namespace troupe
