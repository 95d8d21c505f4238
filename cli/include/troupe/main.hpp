#pragma once
// The `troupe` command as a function, for programs that bring stages of their own:
//
//   int main(int argc, char** argv) {
//     return troupe::main(argc, argv, [](troupe::registry& r) { r.add<mask>(); });
//   }

#include "pipeline/registry.hpp"

namespace troupe {

/// Exit codes: 0 done, 1 it failed (the reason is on stderr), 2 wrong usage.
int main(int argc, char** argv, const std::function<void(registry&)>& add_stages = {});

}  // namespace troupe
