#pragma once
// A loaded graph, running: the actor system, its stages, journal and gateway. This is what commands
// start and what ingress talks to; CAF stays inside.

#include "actors/stepping.hpp"
#include "pipeline/entropy.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/graph.hpp"
#include "pipeline/journal.hpp"
#include "pipeline/stage.hpp"
#include "pipeline/store.hpp"

namespace troupe {

/// A graph and what its stages stand on.
struct graph_version {
  std::shared_ptr<const graph> plan;
  std::shared_ptr<const stage_services> services;  ///< nullptr: those of the present version
};

struct runtime_options {
  std::shared_ptr<const graph> plan;
  std::shared_ptr<stage_services> services;
  /// Owned by the caller, outlives the runtime.
  store* records = nullptr;
  enum class journal_type : std::uint8_t {
    grouped,  ///< own thread, syncs shared: for durable stores
    direct,   ///< on the spot: for memory stores
    stepped,  ///< when `stepping` says so
  } journal = journal_type::grouped;
  enum class ended_runs : std::uint8_t { keep, drop } ended = ended_runs::keep;
  /// Brings back an earlier version of the graph for runs that began on it. Errors: it cannot be
  /// loaded any more.
  std::function<result<graph_version>(const graph_record&)> reload;
  /// Loads the graph again, as it is now, for `gateway::reload`; on a thread of its own. Errors:
  /// `invalid_request`, with all that is wrong with it.
  std::function<result<graph_version>()> renew;
  /// Of the steps of runs that have ended; max(): for ever.
  duration keep = duration::max();
  int threads = 0;  ///< scheduler threads; 0: one per core
  std::chrono::milliseconds idle{30'000};
  const clock* time = &system_clock();
  entropy* random = &system_entropy();
  enum class driven_by : std::uint8_t {
    threads,
    steps,  ///< by `runtime::steps`, on the caller's thread
  } driven = driven_by::threads;
};

class runtime final : public gateway {
 public:
  /// Opens all stages and takes up unfinished runs. Errors: a stage that cannot open, an
  /// unreadable journal.
  static result<std::unique_ptr<runtime>> start(runtime_options options);
  /// Stops at once; unfinished runs go on at the next start.
  ~runtime() override;

  void submit(submission s, std::shared_ptr<event_sink> sink, follow what) override;
  void attach(std::string conversation, std::uint64_t after,
              std::shared_ptr<event_sink> sink) override;
  void detach(std::string conversation, std::shared_ptr<event_sink> sink) override;
  void cancel(std::string run, callback<void> done) override;
  void client_left(std::string conversation, std::string run) override;
  void give_feedback(feedback f, callback<void> done) override;
  void find_run(std::string run, callback<run_status> done) override;
  void find_conversation(std::string conversation, callback<value> done) override;
  void list_reviews(std::string after, std::size_t limit, callback<value> done) override;
  void find_review(std::string run, callback<value> done) override;
  void decide_review(review_decision d, callback<void> done) override;
  void list_dead_letters(std::string after, std::size_t limit, callback<value> done) override;
  void find_dead_letter(std::string run, callback<value> done) override;
  void retry_dead_letter(std::string run, callback<std::string> done) override;
  void drop_dead_letter(std::string run, callback<void> done) override;
  void reload(callback<value> done) override;
  void find_graph_files(callback<value> done) override;
  system_figures figures() const override;
  value describe_graph() const override;
  result<void> ready() const override;

  /// From now on no run is accepted (`overloaded`); those that were go on. A process that ends
  /// after this has been asked to; its end is not held against the runs that were under way.
  void close();
  /// Accepted runs that have neither ended nor wait for a decision.
  std::size_t under_way() const noexcept;
  /// This process ends before they do: those who wait for one are told so, with the advice to ask
  /// again. Returns when all have been, or after `patience`.
  void say_farewell(std::chrono::milliseconds patience);

  /// Lets new runs start on another graph; those under way finish on theirs, and its stages and
  /// engines are let go with the last of them. Errors: a stage that cannot open; nothing changes.
  result<void> adopt(graph_version v);
  /// Versions of the graph that have stages, the current one included.
  std::size_t versions_alive() const;

  /// Only of a runtime that is driven by steps; otherwise nullptr.
  stepping* steps() const noexcept;

  /// Runs that were taken up again at the start.
  std::size_t recovered() const noexcept;

  struct inside;

 private:
  explicit runtime(std::unique_ptr<inside> i);
  std::unique_ptr<inside> inside_;
};

}  // namespace troupe
