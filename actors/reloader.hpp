#pragma once
// A thread for what takes seconds, one thing at a time: loading a graph and its models.

#include <atomic>
#include <functional>
#include <thread>

namespace troupe {

class reloader {
 public:
  /// False, and nothing is done, if the last one is still under way. `work` must not throw.
  bool begin(std::function<void()> work) {
    if (busy_.exchange(true)) return false;
    thread_ = std::jthread([this, work = std::move(work)] {
      work();
      busy_ = false;
    });
    return true;
  }

 private:
  std::atomic<bool> busy_ = false;
  std::jthread thread_;  ///< the end waits for it
};

}  // namespace troupe
