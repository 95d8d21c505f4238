#pragma once
// What a simulated run of the system stands on: chance from one seed, a clock that is told the
// time, and an agenda of what the world does at which time. All on one thread.

#include "pipeline/clock.hpp"
#include "pipeline/entropy.hpp"

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>

namespace troupe::sim {

/// Numbers from a seed; the same on every machine.
class dice final : public entropy {
 public:
  explicit dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t draw() override { return random_(); }
  /// In [0, n); 0 if n is 0.
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  /// In [0, 1).
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  /// True with probability `p`.
  bool happens(double p) { return unit() < p; }
  duration between(duration low, duration high) {
    return duration(between(low.count(), high.count()));
  }
  template <class Range>
  const auto& one_of(const Range& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937_64 random_;
};

class told_clock final : public clock {
 public:
  time_point now() const override { return now_; }
  void advance(duration by) { now_ += by; }

 private:
  time_point now_{std::chrono::hours(500'000)};  // some day in 2027
};

/// Who an entry of the agenda belongs to: a kill of the process takes its own entries with it.
enum class owner : std::uint8_t { process, outside };

class agenda {
 public:
  void at(time_point when, owner whose, std::function<void()> what);
  /// max() if nothing is planned.
  time_point next() const noexcept;
  /// Does the first thing, which is due.
  void do_next();
  /// Forgets all that belongs to the process.
  void drop_process();
  bool empty() const noexcept { return entries_.empty(); }

 private:
  struct entry {
    owner whose;
    std::function<void()> what;
  };
  std::multimap<time_point, entry> entries_;
};

/// Every thing that happens, as a line and in a digest: two runs of a seed are the same if their
/// digests are.
class story {
 public:
  using printer = std::function<void(const std::string& line)>;
  explicit story(printer print) : print_(std::move(print)) {}
  void tell(time_point at, std::string_view what);
  std::uint64_t digest() const noexcept { return digest_; }

 private:
  printer print_;
  std::uint64_t digest_ = 14695981039346656037ULL;
  std::optional<time_point> begin_;
};

struct world {
  world(std::uint64_t seed, story::printer print) : chance(seed), told(std::move(print)) {}
  void tell(std::string_view what) { told.tell(time.now(), what); }
  void in(duration pause, owner whose, std::function<void()> what) {
    plans.at(time.now() + pause, whose, std::move(what));
  }

  dice chance;
  told_clock time;
  agenda plans;
  story told;
};

}  // namespace troupe::sim
