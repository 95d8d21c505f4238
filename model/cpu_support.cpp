#include "model/cpu_attention.hpp"
#include "model/cpu_tiles.hpp"
#include "model/panel_layout.hpp"

#if defined(__x86_64__)
#include <asm/prctl.h>
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>

namespace troupe {

bool has_cpu_kernels() noexcept {
  static const bool all =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
  return all;
}

namespace {

bool cpu_has_tiles() noexcept {
#if defined(__x86_64__) && defined(ARCH_REQ_XCOMP_PERM)
  unsigned a = 0, b = 0, c = 0, d = 0;
  // Bits of EDX: AMX-BF16, AMX-TILE, AMX-INT8.
  constexpr unsigned all = 1u << 22 | 1u << 24 | 1u << 25;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & all) != all) return false;
  // The tiles' 8 KB are part of a thread's state only in processes that ask for it: XTILEDATA.
  return ::syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, 18) == 0;
#else
  return false;
#endif
}

}  // namespace

bool has_cpu_tiles() noexcept {
  static const bool all = has_cpu_kernels() && cpu_has_tiles();
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
