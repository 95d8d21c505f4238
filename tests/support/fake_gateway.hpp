#pragma once
// A gateway without a system behind it: it answers at once, or as a test says. It keeps the events
// of each conversation, so that clients can resume, and lets tests wait for what ingress did.

#include "pipeline/gateway.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

namespace troupe::test {

class fake_gateway : public gateway {
 public:
  enum class answers { at_once, when_told };

  explicit fake_gateway(answers a = answers::at_once) : answers_(a) {}

  /// Every submission from now on is refused with it.
  void refuse(error e) {
    std::lock_guard lock(mutex_);
    refusal_ = std::move(e);
  }
  void not_ready(error e) {
    std::lock_guard lock(mutex_);
    missing_ = std::move(e);
  }

  // What a test tells a run to do. Each goes to all who follow, and is kept.
  void stage(const std::string& run, std::string name, stage_state state, std::int64_t ms = 0) {
    event e;
    e.kind = event_kind::stage;
    e.stage = std::move(name);
    e.state = state;
    e.ms = ms;
    tell(run, std::move(e));
  }
  void delta(const std::string& run, std::string text) {
    event e;
    e.kind = event_kind::delta;
    e.stage = "generate";
    e.text = std::move(text);
    tell(run, std::move(e));
  }
  void rewind(const std::string& run) {
    event e;
    e.kind = event_kind::rewind;
    e.stage = "generate";
    e.attempt = 2;
    tell(run, std::move(e));
  }
  void finish(const std::string& run, const std::string& reply, value::table slots = {}) {
    event e;
    e.kind = event_kind::final;
    e.text = reply;
    e.reply = reply;
    e.slots = std::move(slots);
    tell(run, std::move(e));
  }
  void fail(const std::string& run, error why) {
    event e;
    e.kind = event_kind::error;
    e.code = why.code;
    e.text = std::move(why.message);
    if (why.retry_after) e.retry_after_ms = why.retry_after->count();
    tell(run, std::move(e));
  }

  // What a test waits for; empty or false after ten seconds.
  std::string wait_for_run(std::size_t number) {
    std::unique_lock lock(mutex_);
    if (!wait(lock, [&] { return runs_.size() >= number; })) return {};
    return "r" + std::to_string(number);
  }
  bool wait_until_attached(const std::string& conversation) {
    std::unique_lock lock(mutex_);
    return wait(lock, [&] { return !conversations_[conversation].sinks.empty(); });
  }
  bool wait_until_detached(const std::string& conversation) {
    std::unique_lock lock(mutex_);
    return wait(lock, [&] { return conversations_[conversation].sinks.empty(); });
  }
  /// Conversation and run of each client that left.
  bool wait_until_left(const std::string& conversation, const std::string& run) {
    std::unique_lock lock(mutex_);
    return wait(lock, [&] {
      return std::ranges::find(left_, std::pair(conversation, run)) != left_.end();
    });
  }
  bool wait_for_feedback(std::size_t number) {
    std::unique_lock lock(mutex_);
    return wait(lock, [&] { return feedback_.size() >= number; });
  }

  submission submitted(const std::string& run) {
    std::lock_guard lock(mutex_);
    return runs_.at(run).what;
  }
  feedback given(std::size_t i) {
    std::lock_guard lock(mutex_);
    return feedback_.at(i);
  }
  /// False once the one who follows `run` has refused an event.
  bool followed(const std::string& run) {
    std::lock_guard lock(mutex_);
    return runs_.at(run).follower != nullptr;
  }
  std::size_t attached(const std::string& conversation) {
    std::lock_guard lock(mutex_);
    return conversations_[conversation].sinks.size();
  }

  /// Submissions from now on are not answered until `give_answers`.
  void hold_answers() {
    std::lock_guard lock(mutex_);
    holds_ = true;
  }
  /// Waits for so many of them; how many there are.
  std::size_t wait_until_held(std::size_t number) {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return held_.size() >= number; });
    return held_.size();
  }
  void give_answers() {
    std::vector<std::function<void()>> all;
    {
      std::lock_guard lock(mutex_);
      holds_ = false;
      all.swap(held_);
    }
    for (auto& submit_now : all) submit_now();
  }

  void submit(submission s, std::shared_ptr<event_sink> sink, follow what) override {
    std::unique_lock lock(mutex_);
    if (holds_) {
      held_.push_back([this, s, sink, what] { submit(s, sink, what); });
      changed_.notify_all();
      return;
    }
    if (refusal_) {
      event e;
      e.kind = event_kind::error;
      e.message_id = s.message_id;
      e.code = refusal_->code;
      e.text = refusal_->message;
      if (refusal_->retry_after) e.retry_after_ms = refusal_->retry_after->count();
      sink->deliver(std::make_shared<event>(std::move(e)));
      return;
    }
    if (auto known = by_message_.find({s.conversation, s.message_id}); known != by_message_.end()) {
      run_record& old = runs_.at(known->second);
      accept(known->second, old.what.message_id, *sink);
      if (old.end) sink->deliver(old.end);
      return;
    }
    auto name = "r" + std::to_string(runs_.size() + 1);
    by_message_[{s.conversation, s.message_id}] = name;
    run_record& r = runs_[name];
    r.what = s;
    if (what != follow::none) r.follower = sink;
    accept(name, s.message_id, *sink);
    changed_.notify_all();
    lock.unlock();
    if (answers_ == answers::at_once) answer(name, s);
  }

  void attach(std::string conversation, std::uint64_t after,
              std::shared_ptr<event_sink> sink) override {
    std::lock_guard lock(mutex_);
    auto& c = conversations_[conversation];
    for (const auto& e : c.events)
      if (e->seq > after && !sink->deliver(e)) return;
    c.sinks.push_back(std::move(sink));
    changed_.notify_all();
  }

  void detach(std::string conversation, std::shared_ptr<event_sink> sink) override {
    std::lock_guard lock(mutex_);
    std::erase(conversations_[conversation].sinks, sink);
    changed_.notify_all();
  }

  void cancel(std::string name, callback<void> done) override {
    {
      std::lock_guard lock(mutex_);
      auto r = runs_.find(name);
      if (r == runs_.end() || r->second.end)
        return done(error{errc::not_found, "there is no run `" + name + "` that goes on"});
    }
    fail(name, {errc::cancelled, "cancelled by the client"});
    done({});
  }

  void client_left(std::string conversation, std::string run) override {
    std::lock_guard lock(mutex_);
    left_.emplace_back(std::move(conversation), std::move(run));
    changed_.notify_all();
  }
  void reload(callback<value> done) override {
    if (missing_) return done(*missing_);
    done(value(value::table{{"graph", "fake"}, {"changed", true}}));
  }
  void find_graph_files(callback<value> done) override {
    done(value(value::table{{"graph", "fake"}, {"text", "[graph]"}}));
  }

  void give_feedback(feedback f, callback<void> done) override {
    {
      std::lock_guard lock(mutex_);
      if (!runs_.contains(f.run))
        return done(error{errc::not_found, "there is no run `" + f.run + "`"});
      feedback_.push_back(std::move(f));
      changed_.notify_all();
    }
    done({});
  }

  void find_run(std::string name, callback<run_status> done) override {
    std::unique_lock lock(mutex_);
    auto r = runs_.find(name);
    if (r == runs_.end()) {
      lock.unlock();
      return done(error{errc::not_found, "there is no run `" + name + "`"});
    }
    run_status status{name, r->second.what.conversation, r->second.what.message_id};
    if (const auto& end = r->second.end) {
      bool good = end->kind == event_kind::final;
      status.state = good ? run_status::state_type::finished : run_status::state_type::failed;
      status.reply = end->reply;
      status.slots = end->slots;
      if (!good) status.failure = error{end->code, end->text};
    }
    lock.unlock();
    done(status);
  }

  /// A run waits for a review from now on.
  void ask(const std::string& run, std::string draft) {
    {
      std::lock_guard lock(mutex_);
      reviews_[run] = std::move(draft);
    }
    stage(run, "review", stage_state::waiting);
  }
  std::vector<review_decision> decided() {
    std::lock_guard lock(mutex_);
    return decided_;
  }

  void list_reviews(std::string after, std::size_t limit, callback<value> done) override {
    value::list found;
    {
      std::lock_guard lock(mutex_);
      for (const auto& [run, draft] : reviews_)
        if (run > after && found.size() < limit)
          found.emplace_back(value::table{{"run", run}, {"draft", draft}});
    }
    done(value(std::move(found)));
  }
  void find_review(std::string run, callback<value> done) override {
    std::unique_lock lock(mutex_);
    auto r = reviews_.find(run);
    if (r == reviews_.end()) {
      lock.unlock();
      return done(error{errc::not_found, "run `" + run + "` waits for no review"});
    }
    value found(value::table{{"run", run}, {"draft", r->second}});
    lock.unlock();
    done(std::move(found));
  }
  void decide_review(review_decision d, callback<void> done) override {
    const std::string run = d.run, text = d.text;
    {
      std::unique_lock lock(mutex_);
      if (reviews_.erase(run) == 0) {
        const bool known =
            std::any_of(decided_.begin(), decided_.end(), [&](auto& x) { return x.run == run; });
        lock.unlock();
        return done(error{known ? errc::conflict : errc::not_found, "`" + run + "` does not wait"});
      }
      decided_.push_back(std::move(d));
    }
    done({});
    finish(run, text);
  }

  /// Every run that failed is a dead letter.
  void list_dead_letters(std::string after, std::size_t, callback<value> done) override {
    value::list found;
    {
      std::lock_guard lock(mutex_);
      for (const auto& [run, r] : runs_)
        if (run > after && r.end && r.end->kind == event_kind::error)
          found.emplace_back(value::table{{"run", run}});
    }
    done(value(std::move(found)));
  }
  void find_dead_letter(std::string run, callback<value> done) override {
    if (!is_dead(run)) return done(error{errc::not_found, "`" + run + "` is no dead letter"});
    done(value(value::table{{"run", run}}));
  }
  void retry_dead_letter(std::string run, callback<std::string> done) override {
    if (!is_dead(run)) return done(error{errc::not_found, "`" + run + "` is no dead letter"});
    done("again-" + run);
  }
  void drop_dead_letter(std::string run, callback<void> done) override {
    if (!is_dead(run)) return done(error{errc::not_found, "`" + run + "` is no dead letter"});
    done({});
  }
  bool is_dead(const std::string& run) {
    std::lock_guard lock(mutex_);
    auto r = runs_.find(run);
    return r != runs_.end() && r->second.end && r->second.end->kind == event_kind::error;
  }

  void find_conversation(std::string conversation, callback<value> done) override {
    value::list turns;
    {
      std::lock_guard lock(mutex_);
      for (const auto& [name, r] : runs_)
        if (r.what.conversation == conversation && r.end && r.end->kind == event_kind::final)
          turns.push_back(value::table{
              {"run", name}, {"user", r.what.input.front().second}, {"reply", r.end->reply}});
    }
    if (turns.empty())
      return done(error{errc::not_found, "there is no conversation `" + conversation + "`"});
    done(value(
        value::table{{"conversation", conversation}, {"turns", turns}, {"slots", value::table{}}}));
  }

  value describe_graph() const override {
    return value::table{
        {"name", "fake"},
        {"stages", value::list{value::table{{"name", "generate"}, {"use", "generate"}}}}};
  }

  system_figures figures() const override {
    stage_figures f{.stage = "generate", .calls = 3, .failures = 1, .replicas = 2};
    f.worked.add(std::chrono::milliseconds(3));
    system_figures all;
    engine_figures e{.model = "small", .requests = 9, .output_tokens = 77};
    e.answered = {5, 1, 2, 0};
    e.running = 3;
    e.waiting = 1;
    e.cache_used = 0.25;
    e.first_text.add(std::chrono::milliseconds(3));
    all.engines.push_back(e);
    all.stages.push_back(std::move(f));
    all.reviews_waiting = 4;
    return all;
  }

  result<void> ready() const override {
    std::lock_guard lock(mutex_);
    if (missing_) return *missing_;
    return {};
  }

 protected:
  /// What a run does with `answers::at_once`: one stage, one delta per word, "You said: …".
  virtual void answer(const std::string& run, const submission& s) {
    std::string text = s.input.empty() ? "" : s.input.front().second.to_text();
    stage(run, "generate", stage_state::started);
    delta(run, "You said: ");
    delta(run, text);
    stage(run, "generate", stage_state::finished, 3);
    finish(run, "You said: " + text, s.input);
  }

  void tell(const std::string& name, event e) {
    std::lock_guard lock(mutex_);
    run_record& r = runs_.at(name);
    auto& c = conversations_[r.what.conversation];
    e.run = name;
    e.seq = ++c.seq;
    e.message_id = r.what.message_id;
    auto shared = std::make_shared<const event>(std::move(e));
    if (shared->kind == event_kind::final || shared->kind == event_kind::error) r.end = shared;
    c.events.push_back(shared);
    std::erase_if(c.sinks, [&](const auto& sink) { return !sink->deliver(shared); });
    if (r.follower && (!r.follower->deliver(shared) || r.end)) r.follower = nullptr;
    changed_.notify_all();
  }

 private:
  struct run_record {
    submission what;
    std::shared_ptr<event_sink> follower;
    event_ptr end;
  };
  struct conversation_record {
    std::uint64_t seq = 0;
    std::vector<event_ptr> events;
    std::vector<std::shared_ptr<event_sink>> sinks;
  };

  static void accept(const std::string& name, const std::string& id, event_sink& sink) {
    event e;
    e.kind = event_kind::accepted;
    e.run = name;
    e.message_id = id;
    sink.deliver(std::make_shared<event>(std::move(e)));
  }

  template <class F>
  bool wait(std::unique_lock<std::mutex>& lock, F done) {
    return changed_.wait_for(lock, std::chrono::seconds(10), done);
  }

  const answers answers_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<error> refusal_, missing_;
  std::map<std::string, run_record> runs_;
  std::map<std::string, conversation_record> conversations_;
  std::map<std::pair<std::string, std::string>, std::string> by_message_;
  std::vector<feedback> feedback_;
  std::vector<std::pair<std::string, std::string>> left_;
  std::vector<std::function<void()>> held_;
  bool holds_ = false;
  std::map<std::string, std::string> reviews_;  ///< drafts by run
  std::vector<review_decision> decided_;
};

}  // namespace troupe::test
