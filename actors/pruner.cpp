#include "actors/pruner.hpp"

#include "pipeline/log.hpp"
#include "pipeline/prune.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// Small batches: others wait for the same writer.
constexpr std::size_t runs_at_once = 256;
constexpr duration shortest_pause = std::chrono::milliseconds(100);
constexpr duration longest_pause = std::chrono::minutes(10);

}  // namespace

pruner::pruner(const store& records, journal_writer& journal, const clock& time, duration keep)
    : records_(records),
      journal_(journal),
      time_(time),
      keep_(keep),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

pruner::~pruner() = default;

void pruner::work(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  const auto pause = std::clamp(keep_ / 10, shortest_pause, longest_pause);
  while (!stop.stop_requested()) {
    std::string after;
    do {
      auto batch = prunable_steps(records_, time_.now() - keep_, runs_at_once, after);
      if (!batch) {
        log_warning("old steps cannot be pruned: {}", batch.error().message);
        break;
      }
      if (!batch->empty()) journal_.append(std::move(*batch), durability::written, {});
    } while (!after.empty() && !stop.stop_requested());
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace troupe
