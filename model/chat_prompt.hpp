#pragma once
// Chat messages as the tokens of a prompt.

#include "model/tokenizer.hpp"
#include "pipeline/services.hpp"

namespace troupe {

struct chat_prompt {
  std::vector<token_id> ids;
  std::vector<token_id> end;  ///< tokens that end the answer, besides the model's own
};

/// ChatML if the vocabulary has `<|im_start|>` and `<|im_end|>` (Qwen and others); the answer's
/// frame is open at the end. Otherwise the model is one that continues text: the messages' texts,
/// one after another on lines of their own, opened by the token `begin` if the model has one. What
/// a message says is never read as a control token.
chat_prompt make_chat_prompt(const tokenizer& t, std::optional<token_id> begin,
                             std::span<const chat_message> messages);

}  // namespace troupe
