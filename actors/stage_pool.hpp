#pragma once
// The replicas of one stage, as conversations see them: least outstanding first, a bound on waiting
// work, a circuit breaker. Thread-safe; the supervisor puts replicas in and takes them out.
//
// A replica works off its calls in order. So it hangs when its oldest call was given up and is
// still there a while later; those behind that call are sent elsewhere.

#include "actors/interfaces.hpp"
#include "pipeline/admission.hpp"
#include "pipeline/breaker.hpp"
#include "pipeline/spin_lock.hpp"

#include <atomic>
#include <mutex>

namespace troupe {

class stage_pool {
 public:
  stage_pool(const stage_node& node, const clock& time);

  const stage_node& node() const noexcept { return node_; }
  const shared_text& stage_name() const noexcept { return name_; }

  struct place {
    std::size_t replica = 0;
    std::uint32_t generation = 0;  ///< of the actor in that place
    std::uint64_t ticket = 0;      ///< of the call there
    stage_handle actor;
  };
  /// Where a call may go now; the caller later calls `release` for it, exactly once.
  /// `overloaded`: more than `replicas + queue` calls are out. `unavailable`: the breaker is open,
  /// the supervisor gave up, or every replica hangs. Nothing (an empty optional): all replicas are
  /// being restarted; `waiter` gets a `pool_ready` when one is back.
  result<std::optional<place>> acquire(const caf::actor& waiter, const pool_ready& ticket);

  /// How the call in a place ended: with an answer, with a failure, with an answer that nobody
  /// waited for any more, or not at all, because the actor died.
  enum class verdict : std::uint8_t { good, bad, late, lost };
  /// `took` from the call to its answer; `worked` of that, negative if it was not measured.
  void release(std::size_t replica, std::uint32_t generation, std::uint64_t ticket, verdict how,
               duration took = {}, duration worked = duration(-1));

  /// Why a call is not waited for any more: nobody wants its answer, or the stage was busy with it
  /// until its time was up, which is a failure.
  enum class reason : std::uint8_t { unwanted, out_of_time };
  /// A call that is out is not waited for any more. If it stays where it is its replica hangs; the
  /// supervisor is told to look after it.
  void abandoned(std::size_t replica, std::uint32_t generation, std::uint64_t ticket, reason why);

  /// A call there came back because the actor is dead: no more calls go there. The supervisor hears
  /// of it by itself, but later, and until then calls would bounce off it in circles.
  void mark_dead(std::size_t replica, std::uint32_t generation);

  // For the supervisor.
  using watch =
      std::function<void(std::size_t replica, std::uint32_t generation, std::uint64_t ticket)>;
  void watch_abandoned(watch w) { watch_ = std::move(w); }
  /// Where a call is that was given up: gone, behind others that are worked on, or the one that
  /// keeps the replica.
  enum class silence : std::uint8_t { over, behind, hangs };
  silence look(std::size_t replica, std::uint32_t generation, std::uint64_t ticket) const;
  /// `fresh` takes the place of an actor that hangs. That one is sent home, and a zombie until it
  /// goes.
  void replace(std::size_t replica, stage_handle fresh);
  /// It hangs and cannot be replaced: no calls go there until it answers.
  void leave_alone(std::size_t replica);
  void put(std::size_t replica, stage_handle actor);
  void take_out(std::size_t replica);
  /// No more restarts: calls are refused until a replica is put in again.
  void give_up();
  /// True if the replica answered any call well since it was put in.
  bool has_worked(std::size_t replica) const;

  int zombies() const;
  /// For the door, which asks for every run: takes no lock. `runs`: how many have begun on this
  /// graph.
  stage_load load(std::uint64_t runs, time_point now) const noexcept;
  troupe::stage_figures figures() const;

 private:
  struct call_out {
    std::uint64_t ticket = 0, number = 0;  ///< its place here, and its caller's own number
    caf::actor caller;
  };
  struct replica_state {
    stage_handle actor;
    std::uint32_t generation = 0;
    std::vector<call_out> calls;  ///< that are out, oldest first
    bool worked = false;
    bool hung = false;
  };
  struct zombie {
    std::uint32_t generation = 0;
  };
  void wake_waiters(std::unique_lock<spin_lock>& lock);
  /// Takes the calls of a replica out of the count, but for the first `kept`.
  std::vector<call_out> forget_calls(replica_state& r, std::size_t kept = 0);
  /// The call that the breaker has let through to try, if it is this one, says nothing.
  void no_verdict(std::uint64_t ticket);
  void note_work(duration last);
  /// All but the one that hangs are to go elsewhere.
  static void send_away(const std::vector<call_out>& calls, std::uint32_t generation);

  const stage_node& node_;
  const shared_text name_;
  const clock& clock_;
  mutable spin_lock mutex_;
  std::vector<replica_state> replicas_;
  std::vector<std::pair<caf::actor, pool_ready>> waiters_;
  breaker breaker_;
  std::uint64_t trial_ = 0;  ///< ticket of the call that the breaker has let through to try
  std::vector<zombie> zombies_;
  std::uint32_t generations_ = 0;
  std::uint64_t tickets_ = 0;
  troupe::stage_figures figures_;
  bool given_up_ = false;
  watch watch_;  ///< set before the first call

  // Written under the lock, read without it.
  void set_out(int n) noexcept { out_.store(n, std::memory_order_relaxed); }
  int out() const noexcept { return out_.load(std::memory_order_relaxed); }
  std::atomic<int> out_ = 0;
  std::atomic<int> waiting_ = 0;              ///< as many as there are waiters
  std::atomic<std::uint64_t> calls_ = 0;      ///< ever taken in
  std::atomic<duration> work_ = duration(0);  ///< of a call, on average of the last ones
  int answers_ = 0;                           ///< that this average is of
  std::atomic<time_point> first_call_ = time_point::max();
};

}  // namespace troupe
