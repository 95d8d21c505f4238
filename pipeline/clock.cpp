#include "pipeline/anchored_clock.hpp"

namespace troupe {

const clock& system_clock() {
  static const anchored_clock instance(
      std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()));
  return instance;
}

}  // namespace troupe
