#pragma once
// Training examples as tokens, and in which order they are learned from.

#include "model/augment.hpp"
#include "model/delexicaliser.hpp"
#include "model/lm_training.hpp"
#include "model/tokenizer.hpp"

#include <optional>

namespace troupe {

struct lm_sequence {
  std::vector<token_id> ids;  ///< prompt, answer and the token that ends it
  std::size_t prompt = 0;     ///< how many of them are the prompt
};

/// What the model reads and writes, as texts: through the format if there is one.
std::pair<std::string, std::string> as_read(const lm_example& example,
                                            const std::optional<prompt_format>& format);

/// Those that fit into `context`. Cut nowhere.
std::vector<lm_sequence> make_sequences(const std::vector<lm_example>& examples,
                                        const std::optional<prompt_format>& format,
                                        const tokenizer& words, std::int64_t context);

/// Batches without end: each pass over the sequences is shuffled anew; sequences of about the same
/// length share a batch, so that little is padding.
class batch_plan {
 public:
  /// `tokens`: most of a batch, padding included; a longer sequence is a batch of its own.
  batch_plan(const std::vector<lm_sequence>& sequences, std::int64_t tokens, std::uint64_t seed);
  /// Positions in `sequences`, which must outlive the plan.
  std::vector<std::size_t> next();

 private:
  void fill();
  const std::vector<lm_sequence>& sequences_;
  const std::size_t tokens_;
  random_source random_;
  std::vector<std::size_t> order_;
  std::size_t at_ = 0;
  std::vector<std::vector<std::size_t>> ready_;  ///< the next one is the last
};

}  // namespace troupe
