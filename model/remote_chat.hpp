#pragma once
// The protocol of OpenAI-compatible chat completions: what is asked, and what comes back. Pure:
// bytes in, bytes out.

#include "model/remote_options.hpp"
#include "pipeline/services.hpp"

namespace troupe {

/// The JSON of POST /chat/completions, streamed and with the usage at the end. Fields with their
/// defaults are left out, for many APIs refuse what they do not know; `banned` cannot be asked for.
/// At most four stop strings are sent, which is what OpenAI takes; all are looked for in the
/// answer.
std::string chat_request(const remote_options& options, const generation_request& request,
                         std::int64_t max_tokens);

/// What is new in the answer.
struct chat_piece {
  std::string text, reasoning;
};

/// One answer, while it comes.
class chat_answer {
 public:
  /// The data of one event of the stream. Errors: what the API says went wrong; `unavailable` for
  /// what is no chat completion.
  result<chat_piece> take_event(std::string_view data);
  /// A whole completion, from an API that does not stream.
  result<chat_piece> take_whole(std::string_view body);

  /// The API has said that no more comes.
  bool over() const noexcept { return over_; }
  /// Why it ended. Errors: `unavailable`, it was cut off; `failed`, the API's filter ended it or
  /// the model called a tool; `overloaded`, the API ran out of room.
  result<finish_reason> end() const;

  /// Tokens as the API counts them; -1: it did not say.
  std::int64_t prompt_tokens() const noexcept { return prompt_tokens_; }
  std::int64_t output_tokens() const noexcept { return output_tokens_; }

 private:
  result<chat_piece> take(std::string_view text);

  std::string finish_;
  bool over_ = false;
  std::int64_t prompt_tokens_ = -1, output_tokens_ = -1;
};

}  // namespace troupe
