#pragma once
// Eight-bit floating point as model files hold it: E4M3 of the Open Compute Project's FP8
// specification, in the form without infinities (Micikevicius et al. 2022).

#include <cstdint>

namespace troupe {

/// Exact. Both bytes that are no number give NaN.
float from_float8(std::uint8_t bits) noexcept;

}  // namespace troupe
