#pragma once
// What keeps a sequence's tokens within a language.

#include "model/tokenizer.hpp"

namespace troupe {

/// Of one sequence; used by one thread at a time.
class token_constraint {
 public:
  virtual ~token_constraint() = default;

  enum class standing : std::uint8_t {
    open,   ///< more has to come
    whole,  ///< the text may end here
    closed  ///< it is whole, and nothing may follow
  };

  /// Makes impossible (-infinity) in `scores`, one for each token, what may not come next. `left`
  /// more tokens will be drawn at most, this one included. At least one token stays possible.
  virtual void restrict(std::span<float> scores, std::int64_t left) = 0;
  /// `id` was drawn, one that was left possible.
  virtual standing accept(token_id id) = 0;
};

}  // namespace troupe
