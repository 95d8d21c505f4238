#pragma once
// What clients may say, read from JSON: the frames of a WebSocket and the bodies of the HTTP
// routes. Pure functions; every error is `invalid_request` and names the member that is wrong.

#include "pipeline/gateway.hpp"

#include <variant>

namespace troupe {

/// The most bytes of UTF-8 that a user may say in one turn over a WebSocket.
inline constexpr std::size_t say_bytes = 32 * 1024;

struct say_message {
  std::string id;  ///< the client's own, or one that was made
  value::table input;
  std::optional<when_left> left = std::nullopt;
};

struct cancel_message {
  std::string run;
};

struct ping_message {};

using client_message = std::variant<say_message, cancel_message, feedback, ping_message>;

/// {"type":"say"|"cancel"|"feedback"|"ping", …}
result<client_message> parse_client_message(std::string_view json);

/// {"id"?, "user"?, "on_disconnect"?, "input": {…}}; `conversation` stays empty.
result<submission> parse_run_body(std::string_view json);

/// {"verdict": "approve" | "reject" | "edit", "text"? (needed to edit), "comment"?, "by"?,
/// "task"?}; `run` stays empty.
result<review_decision> parse_review_body(std::string_view json);

enum class dead_letter_action : std::uint8_t { retry, drop };
/// {"action": "retry" | "drop"}
result<dead_letter_action> parse_dead_letter_body(std::string_view json);

/// {"run", "rating": 1 | -1, "comment"?}
result<feedback> parse_feedback_body(std::string_view json);

}  // namespace troupe
