#pragma once
// The replicas of one stage, as conversations see them: least outstanding first, a bound on waiting
// work, a circuit breaker. Thread-safe; the supervisor puts replicas in and takes them out.

#include "actors/interfaces.hpp"
#include "pipeline/breaker.hpp"

#include <mutex>

namespace troupe {

struct pool_figures {
  std::uint64_t calls = 0, failures = 0, restarts = 0;
  int outstanding = 0, replicas_up = 0;
  bool given_up = false;
};

class stage_pool {
 public:
  stage_pool(const stage_node& node, const clock& time);

  const stage_node& node() const noexcept { return node_; }
  const shared_text& stage_name() const noexcept { return name_; }

  struct place {
    std::size_t replica = 0;
    stage_handle actor;
  };
  /// Where a call may go now; the caller later calls `release` for it, exactly once.
  /// `overloaded`: more than `replicas + queue` calls are out. `unavailable`: the breaker is open
  /// or the supervisor gave up. Nothing (an empty optional): all replicas are being restarted;
  /// `waiter` gets a `pool_ready` when one is back.
  result<std::optional<place>> acquire(const caf::actor& waiter, const pool_ready& ticket);

  /// How the call in a place ended: with an answer, with a failure, or abandoned.
  enum class verdict : std::uint8_t { good, bad, none };
  void release(std::size_t replica, verdict how);

  /// A call to `actor` came back because it is dead: no more calls go there. The supervisor hears
  /// of it by itself, but later, and until then calls would bounce off it in circles.
  void mark_dead(std::size_t replica, const stage_handle& actor);

  // For the supervisor.
  void put(std::size_t replica, stage_handle actor);
  void take_out(std::size_t replica);
  /// No more restarts: calls are refused until a replica is put in again.
  void give_up();
  /// True if the replica answered any call since it was put in.
  bool has_worked(std::size_t replica) const;

  pool_figures figures() const;

 private:
  struct replica_state {
    stage_handle actor;
    int outstanding = 0;
    bool worked = false;
  };
  void wake_waiters(std::unique_lock<std::mutex>& lock);

  const stage_node& node_;
  const shared_text name_;
  const clock& clock_;
  mutable std::mutex mutex_;
  std::vector<replica_state> replicas_;
  std::vector<std::pair<caf::actor, pool_ready>> waiters_;
  breaker breaker_;
  pool_figures figures_;
  int out_ = 0;
};

}  // namespace troupe
