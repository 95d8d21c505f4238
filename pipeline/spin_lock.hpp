#pragma once
// A lock for sections of some hundred nanoseconds. On few cores two threads that want the same
// short section at once are better off looking again than asking the kernel for a pause, which
// costs tens of times what they wait for. Whoever holds it must not block or wait for anything.

#include <atomic>
#include <thread>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace troupe {

/// Meets the standard's Lockable.
class spin_lock {
 public:
  void lock() noexcept {
    for (int looks = 0; !try_lock(); ++looks) {
      // Its holder has lost its core: give it ours.
      if (looks >= most_looks) std::this_thread::yield();
      while (held_.load(std::memory_order_relaxed) && ++looks < most_looks) pause();
    }
  }
  bool try_lock() noexcept { return !held_.exchange(true, std::memory_order_acquire); }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

 private:
  /// Some microseconds.
  static constexpr int most_looks = 200;

  static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#else
    std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
  }

  std::atomic<bool> held_ = false;
};

}  // namespace troupe
