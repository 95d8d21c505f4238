#pragma once
// The thread on which one decoder runs: it takes requests at any time, and in every turn of its
// loop one forward advances all sequences that are under way.

#include "model/api.hpp"
#include "model/batch_scheduler.hpp"
#include "model/token_constraint.hpp"
#include "model/torch/decoder.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace troupe {

/// One sequence to be decoded. Both functions are called on the loop's thread.
struct decode_job {
  std::vector<token_id> prompt;  ///< at least one, each inside the vocabulary
  std::int64_t max_tokens = 1;   ///< at least one; prompt and these within the decoder's context
  sampling_options sampling;
  /// What the answer's tokens have to keep to; null: nothing. When nothing may follow any more the
  /// reason is `stop`, without a token that ends a text.
  std::shared_ptr<token_constraint> constraint;
  std::uint64_t seed = 0;
  bool log_probabilities = false;
  std::stop_token cancel;
  time_point deadline = time_point::max();
  /// A token was drawn; with its log-probability, before anything was adjusted or filtered, if that
  /// was asked for. False ends the sequence; its reason is `stop`.
  std::function<bool(token_id, double)> on_token;
  /// The last call, exactly one for each job. Errors: `overloaded`, `invalid_request` if the store
  /// cannot hold it, `internal` if the model failed.
  std::function<void(result<finish_reason>)> on_end;
};

/// Thread-safe.
class decode_loop {
 public:
  decode_loop(std::shared_ptr<const decoder> model, const scheduler_options& options);
  /// Ends what is still running as cancelled.
  ~decode_loop();
  decode_loop(const decode_loop&) = delete;
  decode_loop& operator=(const decode_loop&) = delete;

  const decoder& model() const noexcept { return *model_; }
  /// Tokens of the longest sequence that can be decoded.
  std::int64_t longest() const noexcept;
  void submit(decode_job job);
  engine_load load() const;
  engine_facts facts() const;

 private:
  /// Knows how far a sequence was when nobody wanted it any more.
  class cancel_watch {
   public:
    explicit cancel_watch(const std::stop_token& cancel) : callback_(cancel, note{this}) {}
    cancel_watch(const cancel_watch&) = delete;
    void count_token() { drawn_.fetch_add(1); }
    /// Tokens drawn since the cancellation.
    std::int64_t since() const { return drawn_.load() - at_cancel_.load(); }

   private:
    struct note {
      cancel_watch* watch;
      void operator()() const { watch->at_cancel_ = watch->drawn_.load(); }
    };
    std::atomic<std::int64_t> drawn_{0}, at_cancel_{0};
    std::stop_callback<note> callback_;
  };
  struct active {
    decode_job job;
    std::unique_ptr<cancel_watch> watch;
    random_source random;
    std::int64_t drawn = 0;
    std::vector<token_id> seen;  ///< prompt and answer, if a penalty needs them
  };
  using jobs = std::map<batch_scheduler::sequence_id, active>;

  void run(const std::stop_token& stop);
  void accept(decode_job job);
  admission admit(batch_scheduler::sequence_id id, const decode_job& job);
  void end(jobs::iterator job, result<finish_reason> how);
  void drop_interrupted();
  void step();
  void advance(const batch_scheduler::rows& r, std::span<const float> scores);
  void publish();

  const std::shared_ptr<const decoder> model_;
  batch_scheduler scheduler_;
  kv_store store_;
  jobs active_;
  batch_scheduler::sequence_id last_id_ = 0;
  std::int64_t forwards_ = 0, tokens_ = 0, cancelled_ = 0, tokens_after_cancel_ = 0;
  std::vector<float> adjusted_;  ///< scores of one sequence, lowered

  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::vector<decode_job> inbox_;
  engine_load load_;
  std::jthread thread_;  ///< the last member: it ends before the others go
};

/// Whether a request is to end now, and as what.
std::optional<finish_reason> interrupted(const std::stop_token& cancel, time_point deadline);

}  // namespace troupe
