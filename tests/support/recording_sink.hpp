#pragma once

#include "pipeline/event.hpp"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace troupe::test {

/// Keeps all events; waits for one that ends a run.
class recording_sink final : public event_sink {
 public:
  bool deliver(const event_ptr& e) override {
    std::lock_guard lock(mutex_);
    events_.push_back(e);
    wake_.notify_all();
    return true;
  }

  /// The n-th event (from 1) that is a final or an error, within a generous time.
  event_ptr wait_for_end(std::size_t n = 1) {
    return wait_for([n](const std::vector<event_ptr>& all) -> event_ptr {
      std::size_t count = 0;
      for (const auto& e : all)
        if ((e->kind == event_kind::final || e->kind == event_kind::error) && ++count == n)
          return e;
      return nullptr;
    });
  }

  event_ptr wait_for_kind(event_kind kind) {
    return wait_for([kind](const std::vector<event_ptr>& all) -> event_ptr {
      for (const auto& e : all)
        if (e->kind == kind) return e;
      return nullptr;
    });
  }

  std::vector<event_ptr> events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  template <class F>
  event_ptr wait_for(F find) {
    std::unique_lock lock(mutex_);
    event_ptr found;
    wake_.wait_for(lock, std::chrono::seconds(30), [&] { return (found = find(events_)) != nullptr; });
    return found;
  }
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<event_ptr> events_;
};

}  // namespace troupe::test
