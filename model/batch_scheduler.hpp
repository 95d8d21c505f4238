#pragma once
// Which rows of which sequences a decoder reads next: continuous batching (Yu et al. 2022, Orca)
// with prompts in chunks. A pure class without threads, clock or tensors.
//
//   add ... add, then again and again: plan -> (the forward) -> commit -> append or remove
//
// Every sequence that is decoding gets its row in every step, so that nobody's prompt stalls it.
// What is left of a step goes to prompts, shared evenly, the earlier deadline first. A request is
// admitted when all blocks it can ever need are there, so nothing that runs is ever thrown out; the
// others wait, in the order of their deadlines. One without a deadline counts as if it had one
// after `patience`: nobody is overtaken for ever.

#include "model/kv_blocks.hpp"
#include "pipeline/clock.hpp"

#include <map>

namespace troupe {

struct scheduler_options {
  std::int64_t blocks = 1, block_size = 32;  ///< of the key/value store
  std::int64_t max_running = 32;             ///< sequences in one step
  std::int64_t max_waiting = 128;
  std::int64_t rows_alone = 512;  ///< of prompts in one step, if nothing is decoding
  std::int64_t rows_shared = 64;  ///< if something is
  duration patience = std::chrono::seconds(30);
};

struct sequence_request {
  std::vector<token_id> prompt;  ///< at least one
  std::int64_t max_tokens = 0;   ///< at least one
  time_point deadline = time_point::max();
  /// Whether its blocks mean the same to other sequences that begin alike.
  bool shareable = true;
};

enum class admission : std::uint8_t {
  accepted,
  overloaded,  ///< too many wait
  too_long     ///< more than the whole store holds
};

class batch_scheduler {
 public:
  using sequence_id = std::uint64_t;

  explicit batch_scheduler(const scheduler_options& options);

  const scheduler_options& options() const noexcept { return options_; }

  /// `id` is the caller's, new and never used before.
  admission add(sequence_id id, sequence_request request, time_point now);

  /// A piece of one sequence. The spans are good until the next call that changes anything.
  struct rows {
    sequence_id id = 0;
    std::span<const token_id> tokens;
    std::int64_t from = 0;    ///< position of the first
    std::int64_t length = 0;  ///< of the sequence so far
    std::span<const kv_block> blocks;
    bool last = false;  ///< nothing of the sequence is unread then: its next token can be drawn
  };
  /// What to read next; empty if there is nothing to do. Has no effect on who is where until
  /// `commit`, but admits waiting requests.
  std::vector<rows> plan();
  /// The planned rows have been read.
  void commit();
  /// The next token of a sequence whose rows were `last`; no more than max_tokens of them.
  void append(sequence_id id, token_id token);
  /// Ends a sequence, waiting or running. Not between plan and commit. Unknown ids are ignored.
  void remove(sequence_id id);

  std::int64_t running() const noexcept { return std::ssize(running_); }
  std::int64_t waiting() const noexcept { return std::ssize(waiting_); }
  std::int64_t blocks_in_use() const noexcept { return blocks_.count() - blocks_.available(); }
  /// Prompt tokens that did not have to be read, since the start.
  std::int64_t reused_tokens() const noexcept { return reused_; }

 private:
  struct order {
    time_point due;
    std::uint64_t serial = 0;
    auto operator<=>(const order&) const = default;
  };
  struct sequence {
    sequence_id id = 0;
    std::vector<token_id> tokens;  ///< prompt and what was appended
    std::int64_t read = 0, planned = 0;
    std::int64_t most_blocks = 0;  ///< that it can ever need
    bool shareable = true;
    std::vector<kv_block> blocks;
  };
  using queue = std::map<order, sequence>;

  std::int64_t promised(const sequence& s) const { return s.most_blocks - std::ssize(s.blocks); }
  std::int64_t unread(const sequence& s) const { return std::ssize(s.tokens) - s.read; }
  std::span<const token_id> block_tokens(const sequence& s, std::int64_t block) const;
  kv_block last_full_block(const sequence& s) const;
  void reuse(sequence& s);
  void admit();
  void plan_prompts(std::int64_t budget);
  void give_blocks(sequence& s);
  void release(sequence& s);

  scheduler_options options_;
  kv_blocks blocks_;
  std::int64_t promised_ = 0;  ///< blocks that running sequences may still ask for
  queue waiting_, running_;
  std::unordered_map<sequence_id, order> places_;
  std::uint64_t serial_ = 0;
  std::int64_t reused_ = 0;
};

}  // namespace troupe
