#pragma once
// The cores of a machine, at work on one thing: the products of a decoder are a few hundred pieces
// of work, one behind the other, of some ten to thousand microseconds each. Waking threads for each
// would cost as much as the work; so they look out for the next one for a while before they sleep.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

namespace troupe {

/// Threads that share out work. Thread-safe.
class cpu_team {
 public:
  /// `threads` counts the caller's: at least one.
  explicit cpu_team(int threads);
  ~cpu_team();
  cpu_team(const cpu_team&) = delete;
  cpu_team& operator=(const cpu_team&) = delete;

  int threads() const noexcept { return static_cast<int>(helpers_.size()) + 1; }

  /// Calls f(i) for each i in [0, pieces), about in this order, on any thread; comes back when all
  /// are done. A helper that the system does not run is not waited for: the others do its pieces.
  /// A caller that finds the team at work for another one does everything itself. `f` must not
  /// throw, nor share out work in turn.
  template <class F>
  void share(std::int64_t pieces, const F& f) {
    run(
        pieces, [](const void* g, std::int64_t i) { (*static_cast<const F*>(g))(i); }, &f);
  }

 private:
  using call = void (*)(const void*, std::int64_t);

  void run(std::int64_t pieces, call f, const void* context);
  bool take_one();
  void help(const std::stop_token& stop);

  std::mutex busy_;
  // What is shared out. Written when no piece is open; read by whoever has taken a piece.
  call call_ = nullptr;
  const void* context_ = nullptr;
  std::int64_t pieces_ = 0;
  /// Pieces that nobody has taken yet, in the lower half; above it the number of the work, so that
  /// a late helper never takes a piece of the next work for one of the last.
  std::atomic<std::uint64_t> open_{0};
  std::atomic<std::int64_t> done_{0};
  std::atomic<int> asleep_{0};
  std::vector<std::jthread> helpers_;  ///< the last member: they end before the others go
};

/// The team of all cores that this process may use; made at the first call.
cpu_team& all_cores();

}  // namespace troupe
