#pragma once
// The door of a system that is still being started: a server can listen on it from the beginning.

#include "pipeline/gateway.hpp"

#include <atomic>
#include <mutex>
#include <vector>

namespace troupe {

/// Refuses everything (`unavailable`, with `retry_after`) until it is opened. Only those who attach
/// are kept waiting instead of being refused: they are attached when it opens. Until then there is
/// no graph (`describe_graph` gives none) and there are no figures.
class late_gateway final : public gateway {
 public:
  /// From now on all calls go to `g`, which must live as long as calls come. Only once.
  void open(gateway& g);

  void submit(submission s, std::shared_ptr<event_sink> sink, follow what) override;
  void attach(std::string conversation, std::uint64_t after,
              std::shared_ptr<event_sink> sink) override;
  void detach(std::string conversation, std::shared_ptr<event_sink> sink) override;
  void cancel(std::string run, callback<void> done) override;
  void client_left(std::string conversation, std::string run) override;
  void give_feedback(feedback f, callback<void> done) override;
  void find_run(std::string run, callback<run_status> done) override;
  void list_reviews(std::string after, std::size_t limit, callback<value> done) override;
  void find_review(std::string run, callback<value> done) override;
  void decide_review(review_decision d, callback<void> done) override;
  void list_dead_letters(std::string after, std::size_t limit, callback<value> done) override;
  void find_dead_letter(std::string run, callback<value> done) override;
  void retry_dead_letter(std::string run, callback<std::string> done) override;
  void drop_dead_letter(std::string run, callback<void> done) override;
  void find_conversation(std::string conversation, callback<value> done) override;
  void reload(callback<value> done) override;
  void find_graph_files(callback<value> done) override;
  value describe_graph() const override;
  system_figures figures() const override;
  result<void> ready() const override;

 private:
  struct attachment {
    std::string conversation;
    std::uint64_t after = 0;
    std::shared_ptr<event_sink> sink;
  };

  gateway* behind() const noexcept { return behind_.load(std::memory_order_acquire); }

  std::atomic<gateway*> behind_ = nullptr;  ///< set once, with the mutex held
  std::mutex mutex_;
  std::vector<attachment> waiting_;  ///< of the time before that
};

}  // namespace troupe
