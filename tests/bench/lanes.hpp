#pragma once
// Load in process: a number of lanes, each with one run under way at a time.

#include "pipeline/gateway.hpp"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace troupe::bench {

/// Waits until `one` was called `count` times.
class countdown {
 public:
  explicit countdown(std::int64_t count) : left_(count) {}
  void one() {
    std::lock_guard lock(mutex_);
    if (--left_ == 0) over_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    over_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  std::int64_t left_;
};

enum class lane_kind { jobs, conversations };

/// `each` runs with `input` on every one of `count` lanes.
struct load {
  lane_kind kind = lane_kind::jobs;
  std::int64_t count = 1;
  std::int64_t each = 1;
  value::table input;
};

/// Submits the next run when the one before has ended. A run that fails ends the program: figures
/// of a system that does not work mean nothing.
class lane final : public event_sink, public std::enable_shared_from_this<lane> {
 public:
  lane(gateway& to, std::string conversation, const load& l, countdown& done)
      : to_(to), conversation_(std::move(conversation)), load_(l), left_(l.each), done_(done) {}

  void next() {
    to_.submit({.conversation = conversation_, .input = load_.input}, shared_from_this(),
               follow::end);
  }

  bool deliver(const event_ptr& e) override {
    if (e->kind == event_kind::error) {
      std::fprintf(stderr, "a run failed: %s\n", e->text.c_str());
      std::abort();
    }
    if (e->kind != event_kind::final) return true;
    if (--left_ > 0)
      next();
    else
      done_.one();
    return true;
  }

 private:
  gateway& to_;
  const std::string conversation_;
  const load& load_;
  std::int64_t left_;
  countdown& done_;
};

/// Returns when all runs have ended.
inline void run_lanes(gateway& to, const load& l) {
  countdown done(l.count);
  for (std::int64_t i = 0; i < l.count; ++i)
    std::make_shared<lane>(
        to, l.kind == lane_kind::jobs ? std::string() : "lane" + std::to_string(i), l, done)
        ->next();
  done.wait();
}

}  // namespace troupe::bench
