#pragma once
// Numbers in the forms that the kernels compute with.

#include "model/augment.hpp"
#include "model/cpu_linear.hpp"

#include <bit>
#include <cstdint>
#include <vector>

namespace troupe::test {

inline float wide(float x) { return x; }
inline float wide(bf16_bits x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16); }
inline void narrow(float x, float& out) { out = x; }
inline void narrow(float x, bf16_bits& out) {
  out = static_cast<bf16_bits>((std::bit_cast<std::uint32_t>(x) + 0x8000) >> 16);
}

template <class T>
T& at(std::vector<T>& v, std::int64_t i) {
  return v[static_cast<std::size_t>(i)];
}

/// Between -1 and 1; the same for a seed.
template <class Element>
std::vector<Element> numbers(std::int64_t count, std::uint64_t seed) {
  random_source random(seed);
  std::vector<Element> out(static_cast<std::size_t>(count));
  for (Element& x : out) narrow(static_cast<float>(random.uniform() * 2 - 1), x);
  return out;
}

}  // namespace troupe::test
