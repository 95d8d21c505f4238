#include "actors/stage_pool.hpp"

#include <algorithm>

namespace troupe {

namespace {

/// The work of a stage is told from about so many calls.
constexpr int calls_of_average = 16;

}  // namespace

stage_pool::stage_pool(const stage_node& node, const clock& time)
    : node_(node),
      name_(node.name),
      clock_(time),
      replicas_(static_cast<std::size_t>(node.replicas)),
      breaker_(node.breaker) {}

result<std::optional<stage_pool::place>> stage_pool::acquire(const caf::actor& waiter,
                                                             const pool_ready& ticket) {
  // Only a breaker needs to know the time, and most stages have none.
  const auto now = node_.breaker.failures > 0 ? clock_.now() : time_point();
  std::lock_guard lock(mutex_);
  if (out() + static_cast<int>(waiters_.size()) >= node_.replicas + node_.queue)
    return error{errc::overloaded, "stage `" + node_.name + "` has " + std::to_string(node_.queue) +
                                       " calls waiting already"};
  if (given_up_)
    return error{errc::unavailable,
                 "stage `" + node_.name + "` crashed too often and is being left alone"};
  if (!breaker_.admit(now))
    return error{errc::unavailable,
                 "stage `" + node_.name + "` failed " + std::to_string(node_.breaker.failures) +
                     " times in a row and is given a rest",
                 std::chrono::ceil<std::chrono::milliseconds>(breaker_.wait(now))};
  replica_state* best = nullptr;
  bool all_hang = true;
  for (replica_state& r : replicas_) {
    all_hang = all_hang && r.actor && r.hung;
    if (r.actor && !r.hung && (!best || r.calls.size() < best->calls.size())) best = &r;
  }
  if (!best) {
    breaker_.undecided();
    if (all_hang)
      return error{errc::unavailable,
                   "stage `" + node_.name + "` hangs, and so do those that were put in its place",
                   std::chrono::milliseconds(1000)};
    waiters_.emplace_back(waiter, ticket);
    waiting_.store(static_cast<int>(waiters_.size()), std::memory_order_relaxed);
    return std::optional<place>();
  }
  best->calls.push_back({++tickets_, ticket.call, waiter});
  if (breaker_.now() == breaker::state::trying) trial_ = tickets_;
  set_out(out() + 1);
  if (calls_.load(std::memory_order_relaxed) == 0)
    first_call_.store(clock_.now(), std::memory_order_relaxed);
  calls_.store(calls_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return std::optional<place>(place{static_cast<std::size_t>(best - replicas_.data()),
                                    best->generation, tickets_, best->actor});
}

void stage_pool::release(std::size_t replica, std::uint32_t generation, std::uint64_t ticket,
                         verdict how, duration took, duration worked) {
  std::unique_lock lock(mutex_);
  replica_state& r = replicas_[replica];
  bool awake = false;
  if (r.generation == generation) {
    const auto call = std::find_if(r.calls.begin(), r.calls.end(),
                                   [ticket](const call_out& c) { return c.ticket == ticket; });
    if (call != r.calls.end()) {
      r.calls.erase(call);
      set_out(out() - 1);
    }
    if (how == verdict::good) r.worked = true;
    awake = how != verdict::lost && std::exchange(r.hung, false);
  }
  if (how == verdict::good || how == verdict::bad)
    note_work(std::max(duration(1), worked >= duration(0) ? worked : took));
  if (worked >= duration(0)) {
    figures_.worked.add(worked);
    figures_.queued.add(std::max(duration(0), took - worked));
  }
  switch (how) {
    case verdict::good:
      breaker_.succeeded();
      break;
    case verdict::bad:
      ++figures_.failures;
      breaker_.failed(clock_.now());
      break;
    case verdict::late:
      ++figures_.overruns;
      no_verdict(ticket);
      break;
    case verdict::lost:
      no_verdict(ticket);
      break;
  }
  if (awake) return wake_waiters(lock);
  if (zombies_.empty()) return;
  auto home = std::find_if(zombies_.begin(), zombies_.end(),
                           [&](const zombie& z) { return z.generation == generation; });
  if (home == zombies_.end()) return;
  zombies_.erase(home);
}

void stage_pool::no_verdict(std::uint64_t ticket) {
  if (trial_ != ticket) return;
  trial_ = 0;
  breaker_.undecided();
}

/// The plain average of the first calls, then an exponential one: a first call that was slow, as
/// first ones are, must not be believed for long.
void stage_pool::note_work(duration last) {
  answers_ = std::min(answers_ + 1, calls_of_average);
  const auto before = work_.load(std::memory_order_relaxed);
  // It is at least a microsecond, for 0 means that nobody knows.
  work_.store(std::max(duration(1), before + (last - before) / answers_),
              std::memory_order_relaxed);
}

void stage_pool::abandoned(std::size_t replica, std::uint32_t generation, std::uint64_t ticket,
                           reason why) {
  {
    std::lock_guard lock(mutex_);
    if (why == reason::out_of_time) {
      ++figures_.failures;
      breaker_.failed(clock_.now());
    }
    no_verdict(ticket);
    if (replicas_[replica].generation != generation) return;
  }
  if (watch_) watch_(replica, generation, ticket);
}

stage_pool::silence stage_pool::look(std::size_t replica, std::uint32_t generation,
                                     std::uint64_t ticket) const {
  std::lock_guard lock(mutex_);
  const replica_state& r = replicas_[replica];
  if (!r.actor || r.generation != generation) return silence::over;
  for (const call_out& c : r.calls)
    if (c.ticket == ticket) return &c == &r.calls.front() ? silence::hangs : silence::behind;
  return silence::over;
}

std::vector<stage_pool::call_out> stage_pool::forget_calls(replica_state& r, std::size_t kept) {
  auto calls = r.calls;
  r.calls.resize(std::min(kept, calls.size()));
  for (std::size_t i = r.calls.size(); i < calls.size(); ++i) no_verdict(calls[i].ticket);
  set_out(out() - static_cast<int>(calls.size() - r.calls.size()));
  return calls;
}

void stage_pool::send_away(const std::vector<call_out>& calls, std::uint32_t generation) {
  for (std::size_t i = 1; i < calls.size(); ++i)
    caf::anon_send(calls[i].caller, pool_ready{calls[i].number, generation});
}

void stage_pool::replace(std::size_t replica, stage_handle fresh) {
  std::vector<call_out> calls;
  stage_handle old;
  std::uint32_t generation = 0;
  {
    std::lock_guard lock(mutex_);
    replica_state& r = replicas_[replica];
    generation = r.generation;
    old = std::move(r.actor);
    calls = forget_calls(r);
    zombies_.push_back({generation});
    ++figures_.restarts;
  }
  // An actor that only keeps its callers waiting goes at once; one that is stuck when it comes
  // back.
  caf::anon_send_exit(old, caf::exit_reason::user_shutdown);
  put(replica, std::move(fresh));
  send_away(calls, generation);
}

void stage_pool::leave_alone(std::size_t replica) {
  std::vector<call_out> calls;
  std::uint32_t generation = 0;
  {
    std::unique_lock lock(mutex_);
    replica_state& r = replicas_[replica];
    r.hung = true;
    generation = r.generation;
    calls = forget_calls(r, 1);
    wake_waiters(lock);
  }
  send_away(calls, generation);
}

void stage_pool::mark_dead(std::size_t replica, std::uint32_t generation) {
  std::lock_guard lock(mutex_);
  if (replicas_[replica].generation == generation) replicas_[replica].actor = nullptr;
}

void stage_pool::put(std::size_t replica, stage_handle actor) {
  std::unique_lock lock(mutex_);
  replica_state& r = replicas_[replica];
  // Calls at the dead actor come back by themselves.
  forget_calls(r);
  r = {std::move(actor), ++generations_, {}, false, false};
  given_up_ = false;
  wake_waiters(lock);
}

void stage_pool::take_out(std::size_t replica) {
  std::lock_guard lock(mutex_);
  replicas_[replica].actor = nullptr;
  ++figures_.restarts;
}

void stage_pool::give_up() {
  std::unique_lock lock(mutex_);
  for (const replica_state& r : replicas_)
    if (r.actor) return;
  given_up_ = true;
  wake_waiters(lock);
}

bool stage_pool::has_worked(std::size_t replica) const {
  std::lock_guard lock(mutex_);
  return replicas_[replica].worked;
}

int stage_pool::zombies() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(zombies_.size());
}

stage_load stage_pool::load(std::uint64_t runs, time_point now) const noexcept {
  const auto first = first_call_.load(std::memory_order_relaxed);
  const auto calls = static_cast<double>(calls_.load(std::memory_order_relaxed));
  return {.name = node_.name,
          .out = out() + waiting_.load(std::memory_order_relaxed),
          .bound = node_.replicas + node_.queue,
          .replicas = node_.replicas,
          .work = work_.load(std::memory_order_relaxed),
          .since_first = first >= now ? duration(0) : now - first,
          .calls_per_run = runs == 0 ? 0 : calls / static_cast<double>(runs)};
}

stage_figures stage_pool::figures() const {
  std::lock_guard lock(mutex_);
  troupe::stage_figures f = figures_;
  f.stage = node_.name;
  f.replicas = node_.replicas;
  f.calls = calls_.load(std::memory_order_relaxed);
  f.outstanding = out();
  f.zombies = static_cast<int>(zombies_.size());
  for (const replica_state& r : replicas_) f.replicas_up += r.actor && !r.hung ? 1 : 0;
  return f;
}

void stage_pool::wake_waiters(std::unique_lock<spin_lock>& lock) {
  auto waiters = std::exchange(waiters_, {});
  waiting_.store(0, std::memory_order_relaxed);
  lock.unlock();
  for (auto& [actor, ticket] : waiters) caf::anon_send(actor, std::move(ticket));
}

}  // namespace troupe
