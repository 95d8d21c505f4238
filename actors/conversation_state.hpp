#pragma once
// The inside of a conversation actor; private to actors/conversation*.cpp.

#include "actors/conversation.hpp"
#include "pipeline/review.hpp"

#include <algorithm>
#include <deque>

namespace troupe {

class conversation {
 public:
  explicit conversation(caf::event_based_actor* self) : self_(self) {}
  ~conversation() {
    for (open_call& c : calls_) c.stop.request_stop();
  }

  caf::behavior start(std::string id, std::shared_ptr<const conversation_environment> env);

 private:
  struct follower {
    std::shared_ptr<event_sink> sink;
    std::string run;  ///< empty: all events of the conversation
    follow what = follow::run;
  };
  /// A run that was accepted and has not ended.
  struct live_run {
    explicit live_run(const run_gate& gate) : at_gate(gate) {}
    run_record record;
    std::vector<step> journalled;  ///< found at start-up; replayed before it goes on
    std::shared_ptr<deployment> on;
    std::unique_ptr<executor> exec;
    std::shared_ptr<const std::vector<turn>> history;
    std::uint64_t steps = 0;
    shared_text id, conversation;  ///< as stages see them
    std::uint64_t seed = 0;
    enum class phase : std::uint8_t { accepting, waiting, running, ending } at = phase::accepting;
    std::vector<review_record> reviews;  ///< open ones
    std::vector<stage_id> streamed;      ///< stages whose text the client holds
    std::optional<error> cancel;         ///< asked for before it ran
    std::vector<std::pair<std::shared_ptr<event_sink>, follow>> submitters;
    run_gate::pass at_gate;  ///< in no crowd while it rests
    bool taken_up = false;   ///< from the store
    bool entering = false;   ///< accepted as the only one, and not begun
    int askers = 0;          ///< clients that were told that it is accepted
    when_left left = when_left::continues;
  };
  /// A call that is out at a stage.
  struct open_call {
    std::uint64_t number = 0;
    std::int64_t task = 0;
    int attempt = 1;
    stage_id stage = no_stage;
    std::stop_source stop;
    std::shared_ptr<delta_credit> credit;  ///< of a stage that streams
    int lost = 0;                          ///< times its replica died before it began
    call_ptr sent;                         ///< nullptr: nowhere yet
    std::size_t replica = 0;               ///< where it is
    std::uint32_t generation = 0;          ///< 0: nowhere yet
    std::uint64_t ticket = 0;
  };
  /// A call that has not answered, also one that nobody waits for any more.
  struct sent_call {
    caf::message_id response;
    std::uint64_t number = 0;
    const deployment* on = nullptr;
    stage_pool* pool = nullptr;
    std::size_t replica = 0;
    std::uint32_t generation = 0;
    std::uint64_t ticket = 0;
    time_point at;
  };
  struct pending_batch {
    std::vector<event_ptr> events;  ///< told to followers once written
    std::string accepted, ended;    ///< run id
    event_ptr parked;  ///< the run rests from here on: for those who wait for its end alone
    std::vector<gateway::callback<void>> decided;
    std::vector<start_task> starts;  ///< calls that are made once it is written
    std::uint64_t delta_of = 0;      ///< the call whose piece of text it is; 0: it is none

    bool is_awaited() const noexcept {
      return !events.empty() || !accepted.empty() || !ended.empty() || parked || !decided.empty() ||
             !starts.empty() || delta_of != 0;
    }
  };

  // conversation_door.cpp: messages
  void submit(submit_request& r);
  result<std::optional<std::string>> known_run(const submission& s) const;
  void answer_repeat(submit_request& r, const std::string& run);
  void refuse(submit_request& r, error why);
  std::optional<error> ask_door(const deployment& version);
  void note_asker(live_run& live, std::optional<when_left> said);
  void count_runs();

  // conversation.cpp: other requests
  void on_request(conversation_request& r);
  void load();
  void attach(attach_request& r);
  void detach(detach_request& r);
  void cancel(cancel_request& r);
  void client_left(const left_request& r);
  void end_early(live_run& live, error why);
  void recover();
  void decide(decide_request& r);
  void say_farewell(const farewell_ptr& f);
  void on_leave_now();
  /// Reads the store once more and takes up what is unfinished there, if it can be written again.
  void take_up();
  /// True if requests can be served; otherwise the journal cannot be written.
  bool is_taken_up() const noexcept { return taken_up_; }
  error trouble() const;
  /// Runs `work`; whatever it throws makes the actor fall back on the store.
  template <class Work>
  bool guarded(Work work) {
    try {
      work();
      return true;
    } catch (const std::exception& e) {
      on_thrown(e.what());
      return false;
    }
  }
  void on_thrown(const char* what);
  void recover_next_seq();
  void watch_idle();
  void offer_to_leave();
  bool may_idle() const noexcept {
    return sent_.empty() && followers_.empty() && taken_up_ && (runs_.empty() || is_parked());
  }

  // conversation_run.cpp: the run at hand
  void start_next();
  void begin(live_run& run);
  void replay(live_run& run);
  /// Journals a step of the run at hand and does what follows from it.
  void take_step(step s);
  void apply(const step& s);
  void carry_out(const step& s);
  /// For each call that is out, how long a stage has been busy with it.
  std::vector<std::pair<std::int64_t, duration>> busy(time_point now) const;
  /// Tells the stage of a call that its answer will not be waited for.
  void give_up(open_call& c, stage_pool::reason why);
  /// Whether the stage was busy with a call until the time for it was up.
  bool ran_out_of_time(const open_call& c, const step& s) const;
  void call_resumed(std::vector<start_task> starts);
  void report(live_run& run, const stage_report& r);
  /// Tells `rewind` if the client holds text of the stage.
  void take_back(live_run& run, stage_id stage, int attempt);
  void call(start_task s);
  void send_call(open_call& c, start_task what);
  void send_again(open_call& c);
  void on_response(const answer_ptr& a);
  void on_no_response(const caf::error& why);
  /// The one whose response is the message at hand.
  sent_call take_sent_call();
  void on_answer(std::uint64_t number, const answer_ptr& a, time_point now);
  void on_lost(std::uint64_t number);
  void on_delta(stage_delta& d);
  void stream(const open_call& c, std::string text);
  void on_ready(const pool_ready& p);
  void on_wake(const wake_up& w);
  void schedule_wake();
  void end_run();

  // conversation_review.cpp: runs that wait for a decision
  void note_reviews(live_run& run, const step& s);
  void note_rest(live_run& run);
  void take_up_rest(live_run& run);
  time_point review_due() const;
  event_ptr parked_event(const live_run& run);
  bool is_parked() const noexcept;
  void on_parked(const event_ptr& e);

  // conversation_events.cpp: journal and events
  event new_event(event_kind kind, const live_run& run);
  void tell(event e);
  void commit(write_batch batch, durability level, pending_batch what);
  /// What the step being taken has written so far, and what waits for that.
  void commit_step();
  void on_written(const batch_written& w);
  /// What is in memory is ahead of what is on disk: it is forgotten, and those who wait are told.
  void fall_back(const error& why);
  void on_delta_written(std::uint64_t number);
  void deliver(const event_ptr& e);
  void on_accepted(const std::string& run);
  void on_ended(const std::string& run);
  event final_event(const run_record& r) const;

  /// Pools are released by calls that answer after their run has ended: the deployment of each call
  /// that is out lives until then. Counted here, for many conversations share it.
  void hold(const std::shared_ptr<deployment>& on);
  void let_go(const deployment* on);
  void let_go_unused() {
    std::erase_if(held_, [](const held_deployment& h) { return h.calls == 0; });
  }
  std::stop_source take_stop_source();
  void close_call(std::uint64_t number);
  live_run* find(const std::string& run);
  open_call* find_call(std::uint64_t number);
  /// Nothing if it has been sent elsewhere meanwhile.
  open_call* find_call(std::uint64_t number, std::uint32_t generation);
  stage_pool& pool_of(stage_id stage) {
    return *runs_.front()->on->pools[static_cast<std::size_t>(stage)];
  }
  bool keeps_events() const noexcept { return !is_job(id_); }
  /// To events of a run on its way, not only to its end.
  bool somebody_listens() const noexcept {
    return keeps_events() || std::any_of(followers_.begin(), followers_.end(),
                                         [](auto& f) { return f.what != follow::end; });
  }

  caf::event_based_actor* self_;
  std::string id_;
  std::shared_ptr<const conversation_environment> env_;
  conversation_record record_;
  std::shared_ptr<const std::vector<turn>> history_;
  bool loaded_ = false;
  bool fell_ = false;       ///< back on the store, since this actor began
  bool taken_up_ = false;   ///< what the store has of unfinished runs is here
  std::uint64_t term_ = 0;  ///< the journal's, when the store was read
  duration fallen_for_{};   ///< until it is tried again to take up what the store has
  time_point try_again_at_ = time_point::max();
  std::uint64_t seen_ = 0;
  std::deque<std::unique_ptr<live_run>> runs_;  ///< the front one runs
  std::vector<open_call> calls_;
  /// Of calls that have answered without having been stopped: used again.
  std::vector<std::stop_source> spare_stops_;
  std::uint64_t next_call_ = 1;
  /// Abandoned ones too: their places in the pools are given back here, so this actor stays until
  /// then.
  std::vector<sent_call> sent_;
  caf::behavior responses_;  ///< to all of them: a request's own would be made anew for each
  struct held_deployment {
    std::shared_ptr<deployment> on;
    int calls = 0;
  };
  std::vector<held_deployment> held_;
  outbox outbox_;
  std::deque<step> steps_;  ///< to be taken, in order; filled while one is being taken
  bool taking_ = false;
  std::vector<follower> followers_;
  std::vector<event_ptr> untold_;  ///< events of the step being taken
  write_batch writes_;             ///< records of the step being taken
  std::deque<std::pair<std::uint64_t, pending_batch>> batches_;
  std::uint64_t next_batch_ = 1;
  pending_batch next_;  ///< what the batch of the step being taken will mean
  std::uint64_t wake_generation_ = 0;
  time_point wake_at_ = time_point::max();
  time_point idle_since_;
  bool armed_ = false;  ///< of a job: it lives long enough for a timer
};

}  // namespace troupe
