#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace troupe::test {

/// Where stages of a test wait: who comes stays until it is open. Threads of the stages cannot end
/// before that, so a test opens it when it is over.
class door {
 public:
  /// Of a stage. It may leave when it is told to stop, if it listens.
  void wait(const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    ++inside_;
    ++visits_;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return open_; });
    --inside_;
  }

  void set(bool is_open) {
    std::lock_guard lock(mutex_);
    open_ = is_open;
    changed_.notify_all();
  }
  /// As if nobody had come yet.
  void forget_visits() {
    std::lock_guard lock(mutex_);
    visits_ = 0;
  }
  void wait_for_somebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ > 0; });
  }
  /// False if there were not so many visits after `patience`.
  bool wait_for_visits(int count, std::chrono::seconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return visits_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;
  int inside_ = 0, visits_ = 0;
};

}  // namespace troupe::test
