#include "transport/ids.hpp"

#include <random>

namespace troupe {

namespace {

std::mt19937_64 seeded_generator() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

}  // namespace

std::string make_id(std::string_view prefix) {
  static thread_local std::mt19937_64 generator = seeded_generator();
  static constexpr char digits[] = "0123456789abcdef";
  std::string id(prefix);
  auto bits = generator();
  for (int i = 0; i < 16; ++i, bits >>= 4) id += digits[bits & 15];
  return id;
}

}  // namespace troupe
