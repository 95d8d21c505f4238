#include "actors/scheduler.hpp"

#include "actors/actor_timers.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/execution_unit.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace troupe {

namespace {

using caf::resumable;

constexpr auto look_on = std::chrono::milliseconds(1);
/// So many actors run one after the other on a thread before the common queue has its turn.
constexpr int most_in_a_row = 32;

class worker;

class scheduler final : public caf::scheduler::abstract_coordinator {
 public:
  explicit scheduler(caf::actor_system& system) : abstract_coordinator(system) {}

  void enqueue(resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }
  void start() override;
  void stop() override;

  /// `no`: whoever looks on finds it, should the worker that puts it there not come to it.
  enum class wake : bool { no, somebody };
  void into_queue(resumable* job, wake whom);
  /// An actor is the next one of a running worker. Somebody is to look on from now.
  void watch();
  /// What `w` is to run now; none: it is to end.
  resumable* next(worker& w);

 private:
  resumable* wait_for_job(worker& w);
  resumable* take_from_held_up();

  actor_timers clock_;
  std::thread clock_thread_;
  std::vector<std::unique_ptr<worker>> workers_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<resumable*> queue_;
  std::size_t idle_ = 0;               ///< workers that wait, but for the one that looks on
  std::atomic<bool> watched_ = false;  ///< written under the mutex
  bool stopping_ = false;
};

class worker final : public caf::execution_unit {
 public:
  worker(caf::actor_system& system, scheduler& home, std::size_t throughput)
      : execution_unit(&system), home_(home), throughput_(throughput) {}

  void start() {
    thread_ = std::thread([this] {
      here_ = this;
      caf::detail::set_thread_name("troupe.worker");
      system().thread_started();
      while (resumable* job = home_.next(*this)) run(job);
      system().thread_terminates();
    });
  }
  void join() { thread_.join(); }

  /// Only of the thread that runs here: `job` was woken by the actor at hand.
  void exec_later(resumable* job) override {
    if (resumable* before = next_.exchange(job))
      return home_.into_queue(before, scheduler::wake::no);
    home_.watch();
  }
  bool has_next() const { return next_.load(std::memory_order_relaxed) != nullptr; }
  /// The worker whose thread this is, if it is one of `home`.
  static worker* here(const scheduler& home) {
    return here_ && &here_->home_ == &home ? here_ : nullptr;
  }

  /// Of any thread.
  resumable* take_next() { return next_.load() ? next_.exchange(nullptr) : nullptr; }
  std::uint64_t turn() const { return turn_.load(std::memory_order_relaxed); }

  int in_a_row = 0;
  std::uint64_t turn_seen = 0;  ///< of the one that looks on

 private:
  void run(resumable* job) {
    turn_.store(turn() + 1, std::memory_order_relaxed);
    // Whoever spawns an actor leaves CAF's logger behind on its thread. Nobody reads what it would
    // say, but with one there CAF notes twice, under a lock of all threads, which actor runs.
    if (caf::logger::current_logger()) caf::logger::set_current_actor_system(nullptr);
    switch (job->resume(this, throughput_)) {
      case resumable::resume_later:
        return home_.into_queue(job, scheduler::wake::somebody);
      case resumable::done:
      case resumable::awaiting_message:
      case resumable::shutdown_execution_unit:
        return caf::intrusive_ptr_release(job);
    }
  }

  scheduler& home_;
  std::size_t throughput_;
  std::atomic<resumable*> next_ = nullptr;
  std::atomic<std::uint64_t> turn_ = 0;
  std::thread thread_;
  static inline thread_local worker* here_ = nullptr;
};

void scheduler::start() {
  for (std::size_t i = 0; i < num_workers(); ++i)
    workers_.push_back(std::make_unique<worker>(system(), *this, max_throughput()));
  for (auto& w : workers_) w->start();
  clock_thread_ = std::thread([this] {
    caf::detail::set_thread_name("troupe.clock");
    system().thread_started();
    clock_.run();
    system().thread_terminates();
  });
  abstract_coordinator::start();
}

void scheduler::stop() {
  stop_actors();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (auto& w : workers_) w->join();
  clock_.stop();
  clock_thread_.join();
  for (resumable* job : queue_) cleanup_and_release(job);
}

void scheduler::enqueue(resumable* job) {
  if (worker* w = worker::here(*this); w && !w->has_next()) return w->exec_later(job);
  into_queue(job, wake::somebody);
}

void scheduler::into_queue(resumable* job, wake whom) {
  bool wanted = false;
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(job);
    wanted = watched_ ? whom == wake::somebody : idle_ > 0;
  }
  if (wanted) work_.notify_one();
}

void scheduler::watch() {
  if (watched_) return;
  {
    std::lock_guard lock(mutex_);
    if (idle_ == 0) return;
  }
  work_.notify_one();
}

resumable* scheduler::next(worker& w) {
  if (w.in_a_row < most_in_a_row)
    if (resumable* job = w.take_next()) {
      ++w.in_a_row;
      return job;
    }
  w.in_a_row = 0;
  return wait_for_job(w);
}

resumable* scheduler::wait_for_job(worker& w) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!queue_.empty()) {
      resumable* job = queue_.front();
      queue_.pop_front();
      return job;
    }
    if (resumable* job = w.take_next()) return job;
    if (stopping_) return nullptr;
    if (watched_ || idle_ + 1 == workers_.size()) {
      ++idle_;
      work_.wait(lock);
      --idle_;
      continue;
    }
    for (auto& other : workers_) other->turn_seen = other->turn();
    watched_ = true;
    work_.wait_for(lock, look_on);
    watched_ = false;
    // Whoever takes something over looks on no more: the next idle one does.
    resumable* job = queue_.empty() ? take_from_held_up() : nullptr;
    if ((job || !queue_.empty()) && idle_ > 0) work_.notify_one();
    if (job) return job;
  }
}

resumable* scheduler::take_from_held_up() {
  for (auto& w : workers_)
    if (w->turn() == w->turn_seen)
      if (resumable* job = w->take_next()) return job;
  return nullptr;
}

}  // namespace

void use_own_scheduler(caf::actor_system_config& config) {
  config.module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new scheduler(system);
  });
}

}  // namespace troupe
