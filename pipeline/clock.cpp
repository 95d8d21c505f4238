#include "pipeline/clock.hpp"

namespace troupe {

const clock& system_clock() {
  struct machine_clock final : clock {
    time_point now() const override {
      return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
    }
  };
  static const machine_clock instance;
  return instance;
}

}  // namespace troupe
