#pragma once
// Where runs come in: counts them, refuses them when they would not be served in time, and can be
// closed, so that a process that is to end takes no new ones and knows when the last has ended.
// Thread-safe.

#include "pipeline/admission.hpp"

#include <atomic>
#include <cstdint>
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

  std::size_t count(crowd c) const noexcept {
    return (counts_->load(std::memory_order_relaxed) >> shift(c)) & most;
  }

  /// As `admission::ask`, with the counts of this gate filled in.
  std::optional<error> ask(door_load load, time_point now) {
    load.at_work = count(crowd::at_work);
    load.entering = count(crowd::entering);
    auto no = admission::judge(load);
    if (!no) return std::nullopt;
    std::lock_guard lock(mutex_);
    return door_.appoint(std::move(*no), now);
  }

  /// Of one run, for as long as it lives: the crowds that it is in, none at first. May outlive the
  /// gate.
  class pass {
   public:
    explicit pass(const run_gate& gate) : counts_(gate.counts_) {}
    pass(const pass&) = delete;
    pass& operator=(const pass&) = delete;
    ~pass() { counts_->fetch_sub(in_, std::memory_order_relaxed); }

    pass& be_in(crowd c, bool in) noexcept {
      wanted_ = (wanted_ & ~(most << shift(c))) | (std::uint64_t{in} << shift(c));
      return *this;
    }
    /// Takes effect for all crowds at once.
    void commit() noexcept {
      if (wanted_ == in_) return;
      counts_->fetch_add(wanted_ - in_, std::memory_order_relaxed);
      in_ = wanted_;
    }

   private:
    std::shared_ptr<std::atomic<std::uint64_t>> counts_;
    std::uint64_t in_ = 0, wanted_ = 0;
  };

 private:
  std::atomic<bool> closed_ = false;
  // One word for all three, so that a run that changes from one to the other touches it once.
  static constexpr std::uint64_t most = (1U << 21) - 1;
  static constexpr unsigned shift(crowd c) noexcept { return 21 * static_cast<unsigned>(c); }
  std::shared_ptr<std::atomic<std::uint64_t>> counts_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  std::mutex mutex_;
  admission door_;
};

}  // namespace troupe
