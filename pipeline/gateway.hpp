#pragma once
// The one door into the running system, as ingress and commands see it. Implemented in actors/.
// Thread-safe; nothing here blocks: answers come through callbacks, on threads of the system.

#include "pipeline/engine_figures.hpp"
#include "pipeline/event.hpp"
#include "pipeline/histogram.hpp"
#include "pipeline/when_left.hpp"

#include <functional>

namespace troupe {

struct submission {
  std::string conversation;  ///< empty: a job
  std::string message_id;    ///< the client's own; empty: one is made. Repeats run nothing.
  std::string owner;         ///< who the record belongs to; empty: nobody known
  value::table input;
  std::optional<when_left> left = std::nullopt;  ///< not given: as the graph says
};

struct feedback {
  std::string run;
  int rating = 0;  ///< 1 or -1
  std::string comment;
};

enum class verdict : std::uint8_t { approve, reject, edit };

/// Somebody's decision on a run that waits for one.
struct review_decision {
  std::string run;
  std::optional<std::int64_t> task;  ///< which of the run's reviews; not given: the oldest
  verdict what = verdict::approve;
  std::string text;  ///< of an edit: what takes the draft's place
  std::string comment;
  std::string reviewer;  ///< who decided, if it is known; not verified
};

struct run_status {
  enum class state_type : std::uint8_t { queued, running, finished, failed, waiting };
  std::string run, conversation, message_id;
  state_type state = state_type::running;
  value reply;
  value slots;
  std::optional<error> failure;
};

/// How one stage of the present graph does, since the start.
struct stage_figures {
  std::string stage;
  std::uint64_t calls = 0, failures = 0, restarts = 0;
  int outstanding = 0;  ///< calls that are out
  int replicas = 0, replicas_up = 0;
  int zombies = 0;             ///< replicas that hung past their time and were replaced
  std::uint64_t overruns = 0;  ///< calls that answered after their attempt was given up
  histogram queued, worked;    ///< of calls that answered
};
struct system_figures {
  std::vector<stage_figures> stages;
  std::vector<engine_figures> engines;  ///< of the present graph, by name
  std::size_t live_conversations = 0, reviews_waiting = 0, dead_letters = 0;
};

/// Which events of its conversation a submitter wants besides `accepted`.
enum class follow : std::uint8_t {
  none,  ///< it is attached to the conversation already
  run,   ///< those of this run, up to its final or error
  end,   ///< only this run's final or error
};

std::string_view name_of(run_status::state_type state) noexcept;
std::string_view name_of(verdict what) noexcept;

class gateway {
 public:
  virtual ~gateway() = default;

  /// `sink` gets `accepted` (durable from then on) or one `error`, then what `what` says.
  /// A repeated message id gets `accepted` and the same final again.
  virtual void submit(submission s, std::shared_ptr<event_sink> sink, follow what) = 0;

  /// All events of `conversation` with seq > `after`, then live ones, until the sink answers false
  /// or is detached. `after` = max(uint64): only live ones.
  virtual void attach(std::string conversation, std::uint64_t after,
                      std::shared_ptr<event_sink> sink) = 0;
  virtual void detach(std::string conversation, std::shared_ptr<event_sink> sink) = 0;

  template <class T>
  using callback = std::function<void(result<T>)>;
  /// Ends the run with `cancelled`; a run that has ended or is unknown is `not_found`.
  virtual void cancel(std::string run, callback<void> done) = 0;
  /// A client that asked for this run is gone; an empty `conversation`: it is a job. Ends it with
  /// `cancelled` if everybody who asked for it is, and wanted that (`submission::left`).
  virtual void client_left(std::string conversation, std::string run) = 0;
  virtual void give_feedback(feedback f, callback<void> done) = 0;
  virtual void find_run(std::string run, callback<run_status> done) = 0;
  /// What waits for a decision, by run, as `to_value(review_record)` tells it; at most `limit`,
  /// beginning behind the run `after`.
  virtual void list_reviews(std::string after, std::size_t limit, callback<value> done) = 0;
  /// The oldest open review of a run. `conflict`: it was decided; `not_found`: it never waited.
  virtual void find_review(std::string run, callback<value> done) = 0;
  /// `done` comes when the decision is durable. Errors as above.
  virtual void decide_review(review_decision d, callback<void> done) = 0;
  /// Runs that failed, by run: {run, conversation?, accepted, error, input, slots}; at most
  /// `limit`, beginning behind the run `after`.
  virtual void list_dead_letters(std::string after, std::size_t limit, callback<value> done) = 0;
  virtual void find_dead_letter(std::string run, callback<value> done) = 0;
  /// Its input is submitted once more, as a new run on the present graph; the dead letter goes when
  /// that is accepted. Gives the new run's id.
  virtual void retry_dead_letter(std::string run, callback<std::string> done) = 0;
  virtual void drop_dead_letter(std::string run, callback<void> done) = 0;
  /// {conversation, turns: [{run, user, reply}], slots}
  virtual void find_conversation(std::string conversation, callback<value> done) = 0;

  /// Loads the graph again, as its file is now: new runs start on it, those under way finish on the
  /// version that they began on. {graph, hash, before, changed, unfinished_on_others}.
  /// `invalid_request`: it is wrong, and nothing has changed; the message has all findings.
  /// `conflict`: it is being loaded already.
  virtual void reload(callback<value> done) = 0;
  /// The present graph as it was written: {graph, hash, file, text, inner: [{file, text}],
  /// unfinished: {HASH: runs}}.
  virtual void find_graph_files(callback<value> done) = 0;
  /// {name, stages: [{name, use, next, replicas, calls, failures, restarts, queued}], ...}
  virtual value describe_graph() const = 0;
  virtual system_figures figures() const = 0;
  /// Nothing when runs are served; otherwise what is missing.
  virtual result<void> ready() const = 0;
};

}  // namespace troupe
