#pragma once
// An event sink for commands: hands events to a function, and lets the command wait for the end.

#include "pipeline/event.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

namespace troupe {

class waiting_sink final : public event_sink {
 public:
  explicit waiting_sink(std::function<void(const event&)> on_event = {})
      : on_event_(std::move(on_event)) {}

  bool deliver(const event_ptr& e) override {
    if (on_event_) on_event_(*e);
    const bool rests = e->kind == event_kind::stage && e->state == stage_state::waiting;
    if (e->kind == event_kind::final || e->kind == event_kind::error || rests) {
      std::lock_guard lock(mutex_);
      last_ = e;
      wake_.notify_all();
    }
    return true;
  }

  /// The final or error event that ends the run, or the stage event that says that it waits for a
  /// decision.
  event_ptr wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return last_ != nullptr; });
    return std::exchange(last_, nullptr);
  }

 private:
  std::function<void(const event&)> on_event_;
  std::mutex mutex_;
  std::condition_variable wake_;
  event_ptr last_;
};

}  // namespace troupe
