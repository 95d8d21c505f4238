#pragma once
// Calls a stage directly: no actor, no graph. For tests of stages.

#include "pipeline/stage.hpp"

namespace troupe {

/// What a stage call needs around it; every member has a useful default.
struct test_bench {
  stage_services services;
  call_info info;
  std::stop_source stop;
  std::string emitted;  ///< all that the stage streamed
};

/// Opens `stage` if it has `open`, runs it once and gives its answer.
template <class S>
result<typename S::output> run_stage(S stage, typename S::input in, test_bench& bench) {
  if constexpr (requires { stage.open(bench.services); })
    if (auto opened = stage.open(bench.services); !opened) return std::move(opened).error();
  run_context context(bench.info, bench.stop.get_token(), system_clock(), bench.services,
                      [&](std::string_view piece) { bench.emitted += piece; });
  return stage.run(in, context);
}

template <class S>
result<typename S::output> run_stage(S stage, typename S::input in) {
  test_bench bench;
  return run_stage(std::move(stage), std::move(in), bench);
}

}  // namespace troupe
