#include "model/cpu_linear.hpp"

namespace troupe {

bool has_cpu_kernels() noexcept {
  static const bool all =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
  return all;
}

}  // namespace troupe
