#include "pipeline/entropy.hpp"

#include <random>

namespace troupe {

namespace {

class machine_entropy final : public entropy {
 public:
  std::uint64_t draw() override {
    thread_local std::mt19937_64 random{std::random_device{}()};
    return random();
  }
};

}  // namespace

entropy& system_entropy() {
  static machine_entropy one;
  return one;
}

}  // namespace troupe
