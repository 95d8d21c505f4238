#pragma once
// Decides what a run does next. A pure state machine: it is told what happened (`step`s, which are
// also what the journal holds) and answers with what to do (`outbox`). No clock, no thread, no
// randomness of its own: the same steps always lead to the same state, so a run is resumed by
// replaying its journal and then applying `step::resumed`.

#include "pipeline/event.hpp"
#include "pipeline/graph.hpp"
#include "pipeline/loop.hpp"
#include "pipeline/stage.hpp"

namespace troupe {

/// How the process that a run was taken over from has ended.
enum class process_end : std::int64_t {
  without_warning,
  of_the_disk,  ///< it has not: what was in memory was forgotten when the store took no more
  asked_for,
};

/// Something that happened to a run, at a time.
struct step {
  enum class kind : std::uint8_t {
    begin,      ///< `slots` holds the initial slots (persisted ones, then the caller's)
    done,       ///< `task` answered with `outputs`
    failed,     ///< `task` failed with `failure`
    timer,      ///< `at` is past `next_wakeup()`
    cancel,     ///< somebody wants it to end with `failure`
    resumed,    ///< a new process took over; `task` is the `process_end` of the one before
    suspended,  ///< `task` waits for a decision; `outputs` are its own if none comes by `until`
    decided,    ///< somebody decided on the suspended `task`: `outputs`
  };
  kind what = kind::timer;
  time_point at;
  std::int64_t task = 0;
  frame outputs;
  std::vector<std::pair<slot_id, value>> slots;
  error failure;
  usage used;
  duration worked{-1};  ///< done, failed, suspended: how long the stage was busy; -1: not known
  time_point until;     ///< suspended
  /// timer, cancel: for each call that is out, by task, how long a stage has been busy with it; 0:
  /// it is still waiting there.
  std::vector<std::pair<std::int64_t, duration>> busy;

  /// What `busy` says of a call; nothing if it does not know it.
  std::optional<duration> busy_with(std::int64_t call) const;
};

/// One call of a stage that is to be made now.
struct start_task {
  std::int64_t task = 0;
  stage_id stage = no_stage;
  int attempt = 1;
  std::int64_t item = -1;  ///< index into the list of an `each`; -1 otherwise
  frame inputs;
  time_point at;        ///< when this attempt began
  time_point deadline;  ///< of this attempt, within the run's
  std::int64_t tokens_left = -1;
};

/// Something the caller may be told.
struct stage_report {
  stage_id stage = no_stage;
  stage_state state = stage_state::started;
  int attempt = 1;
  std::int64_t task = 0;
  duration took{};
  std::optional<error> failure;  ///< retrying, failed
};

/// A task that waits for a decision.
struct open_decision {
  std::int64_t task = 0;
  stage_id stage = no_stage;
  time_point until;
  frame instead;  ///< its outputs if nobody decides
};

/// Where a run went after a stage, and why.
struct route_note {
  enum class cause : std::uint8_t {
    edge,       ///< the first whose condition held
    again,      ///< a bounded edge, once more
    exhausted,  ///< a bounded edge that is used up: to its `exhausted`
    on_error,
  };
  stage_id from = no_stage, to = no_stage;
  cause why = cause::edge;
  int edge = -1;  ///< in `next` of `from`; -1: on_error
  loop_judgement loop;
};

/// What to do now. The caller clears and reuses it.
struct outbox {
  std::vector<start_task> start;
  std::vector<std::int64_t> abandon;  ///< tasks whose answers no longer matter
  std::vector<std::int64_t> closed;  ///< suspended tasks that wait no more: decided, expired, ended
  std::vector<stage_report> reports;
  bool traced = false;  ///< asks for `routes`
  std::vector<route_note> routes;
  void clear() {
    start.clear();
    abandon.clear();
    closed.clear();
    reports.clear();
    routes.clear();
  }
};

class executor {
 public:
  enum class status : std::uint8_t { fresh, running, finished, failed };

  executor(std::shared_ptr<const graph> g, std::uint64_t seed);

  /// Takes in one step. Steps about tasks that are not awaited (late answers) change nothing.
  void apply(const step& s, outbox& out);

  /// True if `apply` of an answer to `task` would matter.
  bool awaits(std::int64_t task) const noexcept;

  /// The call of an awaited task once more, for a caller whose first one was lost; or of one that
  /// waits for a decision.
  start_task call_of(std::int64_t task) const;

  /// The tasks that wait for a decision, in order of their start.
  std::vector<open_decision> open_decisions() const;
  /// True if the run does nothing but wait for decisions. Its deadline stands still meanwhile, and
  /// whoever holds the executor may let go of it: nothing of it is lost but the steps' replay.
  bool resting() const noexcept;

  /// When the next `step::timer` is due; max() if never.
  time_point next_wakeup() const noexcept;

  status state() const noexcept { return status_; }
  bool ended() const noexcept { return status_ == status::finished || status_ == status::failed; }
  /// Of a failed run.
  const error& failure() const noexcept { return failure_; }
  const std::vector<value>& slots() const noexcept { return slots_; }
  const value& reply() const noexcept;
  const graph& plan() const noexcept { return *graph_; }
  time_point deadline() const noexcept { return deadline_; }
  usage used() const noexcept { return used_; }

 private:
  struct task {
    std::int64_t id = 0;
    std::size_t token = 0;
    std::int64_t item = -1;
    int attempt = 1;
    bool running = true;  ///< false: waiting for `wake`, to try again or for want of a decision
    int crashes = 0;      ///< replicas that died of it
    time_point started, wake;
    std::optional<frame> instead = {};  ///< suspended: its outputs if nobody decides
    std::int64_t granted = -1;          ///< tokens of the budget set aside for it; -1: none
  };
  /// A place where the run is. Branches of a fan-out have one each.
  struct token {
    bool live = false;
    stage_id stage = no_stage;
    int fan = -1;
    std::vector<bool> written;
    time_point entered;
    // `each`:
    std::int64_t next_item = 0, open_items = 0;
    value items;
    std::vector<frame> results;
  };
  struct fan {
    int remaining = 0;
    stage_id join = no_stage;
    int parent = -1;
    stage_id split = no_stage;
    std::vector<bool> written;
  };
  /// How the run stood when a stage was last entered.
  struct mark {
    time_point at;
    std::int64_t tokens = 0;
  };

  void begin(const step& s, outbox& out);
  void resume(outbox& out);
  void on_done(const step& s, outbox& out);
  void on_suspended(const step& s, outbox& out);
  void on_decided(const step& s, outbox& out);
  void complete(task t, const frame& outputs, outbox& out);
  void give_back(duration time);
  void close(const task& t, outbox& out) const;
  void on_failed(std::int64_t id, const error& failure, usage used, outbox& out);
  void on_timer(const step& s, outbox& out);

  void enter(stage_id stage, int fan_id, std::vector<bool> written, outbox& out);
  void go(std::size_t place, stage_id to, outbox& out, const edge* by = nullptr);
  void call(std::size_t place, outbox& out);
  void call_each(std::size_t place, outbox& out);
  /// Starts the next item of an `each`.
  void call_item(std::size_t place, outbox& out);
  /// The results of an `each`, in order, as lists.
  void collect(std::size_t place);
  void put(std::size_t place, std::size_t port, value v);
  void attempt(task& t, outbox& out);
  void leave(std::size_t place, outbox& out);
  void follow_edges(std::size_t place, outbox& out);
  /// Loops whose body is entered from outside begin anew; `by` is the edge that is taken.
  void enter_loops(stage_id from, stage_id to, const edge* by);
  bool fits_another_round(loop_state& loop, stage_id from, const edge& e);
  /// Calls `visit` with each region around a stage, from the inside out.
  template <class Visit>
  void for_each_region(stage_id stage, Visit visit) const {
    for (int r = graph_->stages[static_cast<std::size_t>(stage)].region; r >= 0;
         r = graph_->regions[static_cast<std::size_t>(r)].parent)
      visit(static_cast<std::size_t>(r));
  }
  /// Until when a stage may work: the run's deadline, or that of a region around it.
  time_point time_limit(stage_id stage) const;
  void use(stage_id stage, usage used);
  /// The part of the budget that a call may use, given who else may ask for some meanwhile.
  std::int64_t grant_for(const task& t) const;
  /// Of the run's budget and those of the regions around a stage; -1: there is none.
  std::int64_t tokens_not_granted(stage_id stage) const;
  int open_fan();
  void arrive_at_join(std::size_t place, outbox& out);
  void end_tasks_of(std::size_t place, outbox& out);
  void finish(outbox& out);
  void fail(error why, outbox& out);

  start_task make_call(const task& t) const;
  const task* find(std::int64_t id) const noexcept;
  task* find(std::int64_t id) noexcept { return const_cast<task*>(std::as_const(*this).find(id)); }
  const stage_node& node(std::size_t place) const {
    return graph_->stages[static_cast<std::size_t>(tokens_[place].stage)];
  }

  std::shared_ptr<const graph> graph_;
  std::uint64_t seed_;
  status status_ = status::fresh;
  error failure_;
  time_point now_, deadline_ = time_point::max();
  std::vector<value> slots_;
  std::vector<task> tasks_;
  std::vector<token> tokens_;
  std::vector<fan> fans_;
  std::vector<loop_state> loops_;
  std::vector<mark> marks_;  ///< per stage; empty if the graph has no loops
  /// What the regions have left.
  struct region_state {
    time_point deadline = time_point::max();
    std::int64_t tokens = 0;  ///< used
  };
  std::vector<region_state> regions_;
  std::vector<std::size_t> finished_;  ///< tokens whose `each` had no items
  std::int64_t next_task_ = 1;
  std::int64_t entries_ = 0;
  usage used_;
};

}  // namespace troupe
