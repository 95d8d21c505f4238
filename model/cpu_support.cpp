#include "model/cpu_attention.hpp"
#include "model/panel_layout.hpp"

#include <algorithm>

namespace troupe {

bool has_cpu_kernels() noexcept {
  static const bool all =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
  return all;
}

std::int64_t attention_scratch(std::int64_t size) {
  // As many steps and panels as any type of elements has, and what alignment may add.
  const auto steps = (size + 15) / 16 * 16;
  const auto panels = (size + panel_outputs - 1) / panel_outputs;
  return attention_tile * steps + panel_outputs * std::max(steps, attention_span * panels) +
         attention_tile * attention_span + attention_tile * attention_span + 16 +
         attention_tile * panels * panel_outputs + 5 * 16;
}

}  // namespace troupe
