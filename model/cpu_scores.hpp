#pragma once
// What a sampler asks of a whole vocabulary's scores, on a CPU with AVX-512. As
// model/cpu_linear.hpp: ask has_cpu_kernels() first. NaN counts as impossible.

#include <cstdint>

namespace troupe {

/// The highest score; minus infinity if all are NaN.
float highest_score(const float* scores, std::int64_t count);
/// The first score that is `value`; `count` if none is.
std::int64_t first_score_of(const float* scores, std::int64_t count, float value);
/// The sum of exp((score - highest) * by). The terms are float32, good to about six digits.
double sum_of_exponentials(const float* scores, std::int64_t count, float highest, float by);

}  // namespace troupe
