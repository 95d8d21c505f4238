#pragma once
// What becomes of a run whose clients are all gone. A graph says it (`on_disconnect`), and a
// message may say otherwise.

#include <cstdint>

namespace troupe {

enum class when_left : std::uint8_t { continues, is_cancelled };

}  // namespace troupe
