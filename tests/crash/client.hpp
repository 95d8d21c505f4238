#pragma once
// The client of a graph that may die at any moment. It lives in the same process and dies with it;
// what it was told is in its log, and the client of the next process goes on from there by the
// rules of docs/protocol.md: it comes back with the last `seq` it saw and says again, under the
// same ids, what has not been answered.

#include "actors/runtime.hpp"
#include "crash/kill_switch.hpp"
#include "crash/log_file.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace troupe::test {

struct message {
  std::string id, text;
  bool ask = false;  ///< somebody is to decide on it
};

inline const std::string conversation_name = "对话";
inline const std::vector<message> messages = {{"m1", "hello"},        {"m2", "第二"},
                                              {"m3", "decide", true}, {"m4", "stumble"},
                                              {"m5", "never"},        {"m6", "再见"}};

/// A client's log, in order.
struct story_so_far {
  std::uint64_t last_seq = 0;
  std::set<std::string> ended;     ///< message ids
  std::set<std::string> asked;     ///< runs that were told to wait for a decision
  std::set<std::string> deciding;  ///< runs on which a decision was under way
  std::set<std::string> decided;   ///< runs whose decision was told to be durable
  std::string job;                 ///< its run, once accepted
  bool job_ended = false;

  explicit story_so_far(const std::vector<boost::json::object>& lines) {
    for (const auto& line : lines) take(line);
  }
  void take(const boost::json::object& line) {
    const auto text = [&](const char* key) {
      const auto* v = line.if_contains(key);
      return v && v->is_string() ? std::string(v->as_string()) : std::string();
    };
    const auto type = text("type"), run = text("run");
    const bool ends = type == "final" || type == "error";
    if (type == "deciding") deciding.insert(run);
    if (type == "decided") decided.insert(run);
    if (line.contains("job")) {
      if (type == "accepted") job = run;
      if (ends) job_ended = true;
      return;
    }
    if (const auto* seq = line.if_contains("seq"))
      last_seq = std::max(last_seq, seq->to_number<std::uint64_t>());
    if (ends) ended.insert(text("id"));
    if (text("state") == "waiting") asked.insert(run);
  }
};

class client {
 public:
  client(runtime& graph, log_file& log, kill_switch& death)
      : graph_(graph), log_(log), death_(death), known_(log.lines()) {}

  /// Until everything is answered. Leaves by then, or with the process.
  void talk() {
    complain_about_reviews();
    auto chat = std::make_shared<sink>(*this, false);
    graph_.attach(conversation_name, known().last_seq, chat);
    for (const message& m : messages) {
      if (known().ended.contains(m.id)) continue;
      say(m, chat, follow::none);
      if (m.id == "m2") say(m, chat, follow::none);
    }
    auto job = std::make_shared<sink>(*this, true);
    if (known().job.empty())
      graph_.submit({.conversation = {}, .input = {{"text", "job"}}}, job, follow::end);
    while (!is_done()) {
      decide_all();
      watch_job();
    }
    // What was answered is answered again, and nothing runs.
    for (const std::size_t m : {0U, 4U}) {
      auto again = std::make_shared<sink>(*this, false);
      say(messages[m], again, follow::run);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return again->ends > 0; });
    }
    graph_.detach(conversation_name, chat);
  }

 private:
  struct sink final : event_sink {
    sink(client& c, bool job) : home(c), of_job(job) {}
    bool deliver(const event_ptr& e) override {
      const std::string kind(name_of(e->kind));
      home.death_.cross("before sending " + kind);
      auto frame = boost::json::parse(to_json(*e)).as_object();
      if (of_job) frame.emplace("job", true);
      home.log_.append(frame);
      home.death_.cross("after sending " + kind);
      std::lock_guard lock(home.mutex_);
      home.known_.take(frame);
      ends += e->kind == event_kind::final || e->kind == event_kind::error;
      ++home.news_;
      home.changed_.notify_all();
      return true;
    }
    client& home;
    const bool of_job;
    int ends = 0;
  };

  void say(const message& m, const std::shared_ptr<sink>& to, follow what) {
    graph_.submit({.conversation = conversation_name,
                   .message_id = m.id,
                   .input = {{"text", m.text}, {"ask", m.ask}}},
                  to, what);
  }

  story_so_far known() {
    std::lock_guard lock(mutex_);
    return known_;
  }
  bool is_done() {
    std::lock_guard lock(mutex_);
    return known_.ended.size() == messages.size() && known_.job_ended;
  }

  std::set<std::string> open_reviews() {
    std::set<std::string> runs;
    graph_.list_reviews("", 10, [&](result<value> all) {
      for (const value& r : all->as_list()) runs.insert(r.find("run")->as_text());
    });
    return runs;
  }

  /// What was asked and not decided is still asked; what was decided is not asked again.
  void complain_about_reviews() {
    const auto open = open_reviews();
    for (const auto& run : known_.asked)
      if (!known_.deciding.contains(run) && !open.contains(run))
        log_.append({{"type", "complaint"}, {"what", "the review of " + run + " is gone"}});
    for (const auto& run : known_.decided)
      if (open.contains(run))
        log_.append({{"type", "complaint"}, {"what", run + " was decided and is asked again"}});
  }

  /// Decides what waits, or else waits until something is told.
  void decide_all() {
    unsigned seen = 0;
    {
      std::lock_guard lock(mutex_);
      seen = news_;
    }
    for (const std::string& run : open_reviews()) {
      if (!asked_now_.insert(run).second) continue;
      log_.append({{"type", "deciding"}, {"run", run}});
      death_.cross("before a decision");
      graph_.decide_review({.run = run, .comment = "好", .reviewer = "Li"},
                           [this, run](result<void> r) {
                             death_.cross("before telling a decision");
                             if (r) log_.append({{"type", "decided"}, {"run", run}});
                             death_.cross("after telling a decision");
                           });
    }
    std::unique_lock lock(mutex_);
    const bool job_is_watched = !known_.job.empty() && !known_.job_ended;
    if (!job_is_watched) changed_.wait(lock, [&] { return news_ != seen || all_told(); });
  }
  bool all_told() const { return known_.ended.size() == messages.size() && known_.job_ended; }

  /// A job whose acceptance an earlier process told is looked up, as over HTTP.
  void watch_job() {
    const auto now = known();
    if (now.job.empty() || now.job_ended) return;
    graph_.find_run(now.job, [&](result<run_status> r) {
      if (!r) return log_.append({{"type", "complaint"}, {"what", r.error().message}});
      if (r->state != run_status::state_type::finished &&
          r->state != run_status::state_type::failed)
        return;
      const auto end = boost::json::object{{"type", r->failure ? "error" : "final"},
                                           {"job", true},
                                           {"run", r->run},
                                           {"reply", r->reply.to_text()}};
      log_.append(end);
      std::lock_guard lock(mutex_);
      known_.take(end);
    });
    std::this_thread::yield();
  }

  runtime& graph_;
  log_file& log_;
  kill_switch& death_;
  std::mutex mutex_;
  std::condition_variable changed_;
  story_so_far known_;
  unsigned news_ = 0;
  std::set<std::string> asked_now_;
};

}  // namespace troupe::test
