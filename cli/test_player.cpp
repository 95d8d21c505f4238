#include "cli/test_player.hpp"

#include "pipeline/review.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>

namespace troupe {

namespace {

/// Notes what a run tells, and hands over its end and its questions.
class noting_sink final : public event_sink {
 public:
  bool deliver(const event_ptr& e) override {
    std::lock_guard lock(mutex_);
    const bool is_stage = e->kind == event_kind::stage;
    if (is_stage && e->state == stage_state::started) path_.push_back(e->stage);
    if (is_stage)
      events_.push_back(e->stage + ' ' + std::string(name_of(e->state)));
    else if (e->kind == event_kind::delta || e->kind == event_kind::rewind)
      events_.push_back(e->stage + ' ' + std::string(name_of(e->kind)));
    const bool waits = is_stage && e->state == stage_state::waiting;
    if (waits || e->kind == event_kind::final || e->kind == event_kind::error) {
      halts_.push_back(e);
      wake_.notify_all();
    }
    return true;
  }
  /// The next event that ends the run or says that it waits for a decision.
  event_ptr next_halt() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !halts_.empty(); });
    event_ptr e = std::move(halts_.front());
    halts_.pop_front();
    return e;
  }
  void tell(run_outcome& out) {
    std::lock_guard lock(mutex_);
    out.path = std::move(path_);
    out.events = std::move(events_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<event_ptr> halts_;
  std::vector<std::string> path_, events_;
};

bool is_end(const event& e) { return e.kind != event_kind::stage; }

const engine_script* script_of(const std::vector<scripted_model>& models, std::string_view name) {
  const auto found = std::ranges::find_if(models, [&](auto& m) { return *m.name == name; });
  return found == models.end() ? nullptr : &found->script;
}

}  // namespace

bool played_test::passed() const noexcept {
  return std::ranges::all_of(runs, [](const played_run& r) { return r.complaints.empty(); });
}

std::unique_ptr<test_player> test_player::start(command_context& c,
                                                std::shared_ptr<const graph> plan,
                                                const std::vector<std::string>& scripted) {
  auto player = std::make_unique<test_player>();
  start_options options;
  options.time = &player->time_;
  for (const std::string& name : scripted)
    options.engines[name] = player->engines_[name] =
        std::make_shared<scripted_engine>(name, player->time_);
  player->graph_ = start_graph(c, std::move(plan), options);
  return player->graph_ ? std::move(player) : nullptr;
}

void test_player::load_scripts(const test_file& file, const test_case& test) {
  for (auto& [name, engine] : engines_) {
    const engine_script* script = script_of(test.engines, name);
    if (!script) script = script_of(file.engines, name);
    engine->play(script ? *script : engine_script());
  }
}

bool test_player::decide(const std::string& run, const test_decision& d) {
  using kind = test_decision::kind;
  review_decision decision{.run = run, .task = {}, .text = {}, .comment = {}, .reviewer = {}};
  if (d.what == kind::reject) decision.what = verdict::reject;
  if (d.what == kind::edit) decision.what = verdict::edit;
  (d.what == kind::edit ? decision.text : decision.comment) = d.text;
  if (d.what == kind::expire) {
    // Whoever decides now comes too late, and the run goes on for that.
    const auto open = read_reviews_of(*graph_->records, run);
    if (open && !open->empty()) time_.skip_to(open->front().until);
  }
  std::promise<bool> done;
  graph_->runtime->decide_review(std::move(decision),
                                 [&](result<void> r) { done.set_value(bool(r)); });
  return done.get_future().get();
}

played_run test_player::play(const test_run& run, const std::string& conversation) {
  played_run out{.run = &run, .outcome = {}, .complaints = {}};
  auto sink = std::make_shared<noting_sink>();
  auto since = time_.now();
  graph_->runtime->submit({.conversation = conversation, .input = run.input}, sink, follow::run);
  event_ptr halt = sink->next_halt();
  std::size_t asked = 0;
  const auto& decisions = run.reviews.decisions;
  for (; !is_end(*halt); halt = sink->next_halt()) {
    out.outcome.took += time_.now() - since;
    if (!run.reviews.for_all && asked >= decisions.size()) {
      out.complaints.push_back({"stage `" + halt->stage + "` asks for review number " +
                                    std::to_string(asked + 1) + ", and the test decides " +
                                    std::to_string(decisions.size()),
                                {}});
      graph_->runtime->cancel(halt->run, [](const result<void>&) {});
    } else {
      decide(halt->run, decisions[run.reviews.for_all ? 0 : asked]);
    }
    ++asked;
    since = time_.now();
  }
  out.outcome.took += time_.now() - since;
  out.outcome.failed = halt->kind == event_kind::error;
  out.outcome.code = wire_name(halt->code);
  out.outcome.text = out.outcome.failed ? halt->text : halt->reply.to_text();
  out.outcome.slots = halt->slots;
  sink->tell(out.outcome);
  if (!out.complaints.empty()) return out;
  out.complaints = compare(run.expect, out.outcome);
  if (!run.reviews.for_all && asked < decisions.size())
    out.complaints.push_back({"the test decides " + std::to_string(decisions.size()) +
                                  " reviews, and the run asked for " + std::to_string(asked),
                              {}});
  return out;
}

played_test test_player::play(const test_file& file, const test_case& test) {
  load_scripts(file, test);
  const bool is_job = test.what == test_case::kind::job;
  const auto conversation = is_job ? "" : "test-" + std::to_string(++conversations_);
  played_test out{.file = &file, .test = &test, .runs = {}};
  for (const test_run& run : test.runs) out.runs.push_back(play(run, conversation));
  return out;
}

}  // namespace troupe
