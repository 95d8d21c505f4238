#pragma once
// Circuit breaker: after a number of failures in a row calls are refused for a while, then one is
// let through to try (Nygard, "Release It!", 2007).

#include "pipeline/graph.hpp"

namespace troupe {

class breaker {
 public:
  enum class state : std::uint8_t { closed, open, trying };

  explicit breaker(breaker_policy policy) : policy_(policy) {}

  /// True if a call may go now. In `open`, after its time, exactly one may.
  bool admit(time_point now) {
    if (policy_.failures <= 0 || state_ == state::closed) return true;
    if (state_ == state::trying || now < opened_ + policy_.open) return false;
    state_ = state::trying;
    return true;
  }

  void succeeded() {
    state_ = state::closed;
    failures_ = 0;
  }

  void failed(time_point now) {
    if (policy_.failures <= 0) return;
    if (state_ == state::trying || ++failures_ >= policy_.failures) {
      state_ = state::open;
      opened_ = now;
    }
  }

  /// The admitted call ended without a verdict (it was cancelled).
  void undecided() {
    if (state_ == state::trying) state_ = state::open;
  }

  state now() const noexcept { return state_; }
  /// How long callers should wait, when `admit` said no.
  duration wait(time_point now) const {
    return std::max(duration(0), opened_ + policy_.open - now);
  }

 private:
  breaker_policy policy_;
  state state_ = state::closed;
  int failures_ = 0;
  time_point opened_;
};

}  // namespace troupe
