#pragma once
// One thread with its event loop and the connections that live on it. A connection never leaves
// its thread, so that it needs no lock of its own.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace troupe {

using steady_time = std::chrono::steady_clock::time_point;

/// What a thread does to its connections. All of it on that thread.
class connection : public std::enable_shared_from_this<connection> {
 public:
  virtual ~connection() = default;
  /// Something has gathered in the outbox.
  virtual void flush() = 0;
  /// Called a few times a second: deadlines are compared here instead of one timer each.
  virtual void tick(steady_time now) = 0;
  /// The server stops: end politely; what is still open when `linger` has passed is dropped.
  virtual void shut_down() = 0;
  /// End at once.
  virtual void close() = 0;
};

class io_thread : public std::enable_shared_from_this<io_thread> {
 public:
  /// `tick` is how often deadlines are looked at.
  explicit io_thread(std::chrono::milliseconds tick);
  ~io_thread();

  void start();
  /// From any other thread: shuts the connections down; the loop ends when they are gone, or
  /// `linger` later.
  void stop(std::chrono::milliseconds linger);
  void join();

  boost::asio::io_context& context() { return context_; }
  /// The value of a Date header.
  const std::string& date() const { return date_; }

  void add(const std::shared_ptr<connection>& c);
  void remove(const connection* c);

 private:
  /// A copy: connections remove themselves while it is walked.
  std::vector<std::shared_ptr<connection>> all() const;
  void run();
  void tick();
  void schedule_tick();
  void end_if_done(steady_time now);

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  const std::chrono::milliseconds period_;
  std::unordered_map<const connection*, std::shared_ptr<connection>> connections_;
  std::string date_;
  std::time_t date_second_ = 0;
  bool stopping_ = false;
  steady_time stop_at_;
  std::thread thread_;
};

/// A way to a connection from any thread, which outlives it and its thread without harm.
class connection_ref {
 public:
  connection_ref(std::weak_ptr<io_thread> thread, std::weak_ptr<connection> target)
      : thread_(std::move(thread)), target_(std::move(target)) {}

  /// Runs `f(connection&)` on the connection's thread, if both still exist by then.
  template <class F>
  void post(F f) const {
    if (auto thread = thread_.lock())
      boost::asio::post(thread->context(), [target = target_, f = std::move(f)]() mutable {
        if (auto c = target.lock()) f(*c);
      });
  }

 private:
  std::weak_ptr<io_thread> thread_;
  std::weak_ptr<connection> target_;
};

}  // namespace troupe
