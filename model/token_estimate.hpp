#pragma once
// How many tokens a text has, where its tokenizer is not at hand.

#include "pipeline/services.hpp"

namespace troupe {

/// An estimate: 0.3 tokens for a character of ASCII and 0.6 for any other, which is what DeepSeek's
/// documentation ("Token & token usage") gives for English and Chinese. Rounded up.
std::int64_t estimated_tokens(std::string_view text) noexcept;

/// The same for a chat, with four tokens for the frame of each message.
std::int64_t estimated_tokens(const std::vector<chat_message>& messages) noexcept;

}  // namespace troupe
