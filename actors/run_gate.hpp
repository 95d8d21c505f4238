#pragma once
// Where runs come in: counts them, refuses them when they would not be served in time, and can be
// closed, so that a process that is to end takes no new ones and knows when the last has ended.
// Thread-safe.

#include "pipeline/admission.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace troupe {

class run_gate {
 public:
  /// A run is in several of them at once, from its acceptance to its end; in none while it rests.
  enum class crowd : std::uint8_t {
    under_way,  ///< accepted
    at_work,    ///< accepted, and the first of its conversation: those behind it wait for it
    entering,   ///< at work, and its first stage was not called yet
  };

  /// No run is accepted any more; what was accepted goes on.
  void close() noexcept { closed_ = true; }
  bool is_closed() const noexcept { return closed_; }

  std::size_t count(crowd c) const noexcept { return (*counts_)[static_cast<std::size_t>(c)]; }

  /// As `admission::ask`, with the counts of this gate filled in.
  std::optional<error> ask(door_load load, time_point now) {
    load.at_work = count(crowd::at_work);
    load.entering = count(crowd::entering);
    std::lock_guard lock(mutex_);
    return door_.ask(load, now);
  }

  /// Held by a run for as long as it is in a crowd. May outlive the gate.
  class pass {
    using counters = std::array<std::atomic<std::size_t>, 3>;

   public:
    pass() = default;
    pass(std::shared_ptr<counters> counts, crowd c)
        : counts_(std::move(counts)), which_(static_cast<std::size_t>(c)) {
      ++(*counts_)[which_];
    }
    pass(pass&& other) noexcept : counts_(std::move(other.counts_)), which_(other.which_) {}
    pass& operator=(pass&& other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(which_, other.which_);
      return *this;
    }
    ~pass() {
      if (counts_) --(*counts_)[which_];
    }
    explicit operator bool() const noexcept { return counts_ != nullptr; }

   private:
    friend class run_gate;
    std::shared_ptr<counters> counts_;
    std::size_t which_ = 0;
  };
  pass enter(crowd c) const { return pass(counts_, c); }

 private:
  std::atomic<bool> closed_ = false;
  std::shared_ptr<pass::counters> counts_ = std::make_shared<pass::counters>();
  std::mutex mutex_;
  admission door_;
};

}  // namespace troupe
