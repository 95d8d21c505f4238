#pragma once
// Watches a simulated system from outside and complains as soon as a promise of
// docs/architecture.md is broken: in the journal as it is written, in what clients are told, in
// what stages are asked, and in what is left at the end. It knows the graph as it was meant.

#include "actors/sim/losing_store.hpp"
#include "pipeline/event.hpp"
#include "pipeline/graph.hpp"
#include "pipeline/journal.hpp"
#include "pipeline/stage.hpp"

#include <set>

namespace troupe::sim {

class step_audit;

struct counts {
  std::size_t runs = 0, finished = 0, failed = 0, kills = 0, calls = 0, steps = 0;
};

class witness {
 public:
  /// `plan_of` gives a version of the graph as it was meant, by hash.
  using plans = std::function<const graph&(const std::string& hash)>;
  witness(world& w, plans plan_of, const losing_store& records);

  /// Only the first complaint counts; what comes after it may be its consequence.
  void complain(const std::string& what);
  const std::optional<std::string>& complaint() const noexcept { return complaint_; }

  void process_starts() noexcept {
    up_ = true;
    drains_since_.reset();
  }
  void process_dies() noexcept;
  /// From now on no run may be accepted, until a process starts.
  void process_drains();
  /// Somebody wants the run to end, or will not mind.
  void cancel_wanted(const std::string& run) { cancel_wanted_.insert(run); }
  bool process_is_up() const noexcept { return up_; }

  // witness_journal.cpp
  /// A batch is about to be written.
  void batch(const write_batch& batch, durability level);

  // witness_clients.cpp: what a client is told
  void accepted(const std::string& conversation, const std::string& message_id,
                const std::string& run);
  void told(const std::string& conversation, const event& e);
  /// The run that a final or error tells the end of, and the message that began it; nothing if it
  /// is another event.
  struct end {
    std::string run, message_id;
  };
  static std::optional<end> end_told(const event& e);

  // witness_calls.cpp: what a stage is asked
  std::uint64_t call_begins(const run_context& context);
  /// It answered, well or not, or can answer no more.
  enum class answer : std::uint8_t { good, bad, crash, unwanted };
  void call_ends(std::uint64_t call, usage used, answer how);

  // witness_audit.cpp
  /// Every accepted run must have ended, and all of it be on record, once nothing is left to do.
  void audit();

  /// Accepted runs, with the conversation each belongs to (empty: a job).
  const std::map<std::string, std::string>& accepted_runs() const noexcept { return accepted_; }
  counts totals;

 private:
  /// Whether a key will be there once the batch is written.
  bool holds(const std::set<std::pair<family, std::string_view>>& batch, family f,
             const std::string& key) const;
  const graph& plan_of(const std::string& run) const;
  void audit_run(const std::string& run, const std::string& conversation);
  void audit_steps(const run_record& r, const graph& plan, const std::vector<step>& steps);
  void audit_stream(const run_record& r, const graph& plan, const step_audit& audit);
  void audit_conversation(const std::string& conversation);
  void audit_persisted(const std::vector<run_record>& runs);
  void audit_ends();
  void audit_leftovers();

  struct open_call {
    std::string run, conversation;
    std::int64_t task = 0;
    std::stop_token stop;
    std::string hash;  ///< of the version that the run is on
    std::size_t stage = 0;
    std::int64_t tokens_left = -1;
  };
  /// What a breaker sees.
  struct row_of_failures {
    int length = 0;
    time_point last;
  };
  const std::string& stage_name(const open_call& c) const;
  /// Times that a task has brought its stage down, by its run's steps on record.
  int recorded_crashes(const std::string& run, std::int64_t task) const;
  /// A stage of a version of the graph.
  using place = std::pair<std::string, std::size_t>;
  void look_at_breaker(const place& where, const stage_node& n);
  world& world_;
  plans plan_of_;
  const losing_store& records_;
  std::optional<std::string> complaint_;
  bool up_ = false;
  std::map<std::string, std::string> accepted_;
  std::map<std::pair<std::string, std::string>, std::string> run_of_message_;
  std::map<std::string, std::string> ends_;  ///< run -> the end as it was told
  std::map<std::uint64_t, open_call> calls_;
  std::map<place, int> out_;                   ///< calls that are in at each stage
  std::map<place, row_of_failures> failures_;  ///< of each stage
  /// By run and task, as long as the process lives.
  std::map<std::pair<std::string, std::int64_t>, int> crashes_;
  std::optional<time_point> drains_since_;
  std::set<std::string> cancel_wanted_;
  std::uint64_t next_call_ = 1;
};

}  // namespace troupe::sim
