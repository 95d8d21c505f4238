#include "pipeline/gateway.hpp"

#include <array>

namespace troupe {

std::string_view name_of(run_status::state_type state) noexcept {
  static constexpr std::array<std::string_view, 5> names = {"queued", "running", "finished",
                                                            "failed", "waiting"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view name_of(verdict what) noexcept {
  static constexpr std::array<std::string_view, 3> names = {"approve", "reject", "edit"};
  return names[static_cast<std::size_t>(what)];
}

}  // namespace troupe
