#pragma once
// A running graph of one stage, in this process, for stages that misbehave.

#include "actors/runtime.hpp"
#include "support/graph_builder.hpp"
#include "support/recording_sink.hpp"

#include <spdlog/spdlog.h>
#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <future>
#include <thread>

namespace troupe::test {

/// Held by all that hang; opened so that their threads can end.
class gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --inside_;
  }
  void set_open(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void wait_for_somebody() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int inside_ = 0;
};

/// A text in, a text out.
struct text_ports {
  struct params {};
  struct input {
    std::string text;
  };
  struct output {
    std::string reply;
  };
  template <class D>
  static void describe(D& d) {
    d.in("text", &input::text, "");
    d.out("reply", &output::reply, "");
  }
};

struct one_stage {
  int replicas = 1;
  duration timeout = std::chrono::seconds(10);
  int attempts = 1;
};

inline std::shared_ptr<const graph> graph_of(const stage_type& type, one_stage how = {}) {
  graph_builder b;
  b.input("text");
  auto& only = b.stage("only", type);
  only.replicas = how.replicas;
  only.timeout = how.timeout;
  only.retry.attempts = how.attempts;
  only.retry.backoff_min = only.retry.backoff_max = std::chrono::milliseconds(1);
  return b.build("reply");
}

class running_stage {
 public:
  explicit running_stage(std::shared_ptr<const graph> plan, store* records = nullptr,
                         const clock* time = nullptr,
                         std::shared_ptr<stage_services> services = nullptr) {
    spdlog::set_level(spdlog::level::off);
    if (!records) {
      own_ = make_memory_store();
      records = own_.get();
    }
    runtime_options o;
    o.plan = std::move(plan);
    o.services = services ? std::move(services) : std::make_shared<stage_services>();
    o.records = records;
    o.threads = 2;
    if (time) o.time = time;
    auto started = runtime::start(std::move(o));
    BOOST_REQUIRE(bool(started));
    run_ = std::move(*started);
  }
  ~running_stage() { spdlog::set_level(spdlog::level::info); }

  std::shared_ptr<recording_sink> send(const std::string& text, const std::string& in = {}) {
    auto sink = std::make_shared<recording_sink>();
    run_->submit({.conversation = in, .input = {{"text", text}}}, sink, follow::run);
    return sink;
  }
  event_ptr say(const std::string& text) {
    auto end = send(text)->wait_for_end();
    BOOST_REQUIRE(end);
    return end;
  }
  /// The reply, or what went wrong.
  std::string outcome(const std::string& text) { return outcome_of(say(text)); }
  static std::string outcome_of(const event_ptr& end) {
    return end->kind == event_kind::final ? end->reply.as_text() : std::string(name_of(end->code));
  }

  std::size_t dead_letters() {
    std::promise<std::size_t> found;
    run_->list_dead_letters("", 100,
                            [&](result<value> r) { found.set_value(r->as_list().size()); });
    return found.get_future().get();
  }
  stage_figures figures() { return run_->figures().stages[0]; }
  bool ready() { return bool(run_->ready()); }
  template <class Condition>
  void until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }
  runtime& gate() { return *run_; }
  void end() { run_.reset(); }

 private:
  std::unique_ptr<store> own_;
  std::unique_ptr<runtime> run_;
};

}  // namespace troupe::test
