#pragma once
// What an API's refusals mean, and whether asking again may help. Pure.

#include "pipeline/clock.hpp"
#include "pipeline/http_client.hpp"

#include <boost/json/fwd.hpp>

#include <optional>

namespace troupe {

enum class ask_again : std::uint8_t {
  never,           ///< it would be refused again
  later,           ///< after a pause
  with_new_token,  ///< if the access token can be renewed
};

struct remote_failure {
  error what;
  ask_again again = ask_again::never;
};

/// Of an answer whose status is not 2xx. `now` is for a `Retry-After` that is a date.
remote_failure failure_of(const http_response& refusal, time_point now);

/// Of an exchange that came to nothing, or an answer that broke off.
remote_failure failure_of(error e);

/// An `error` that an API puts into a stream or into a body: an object with `message`, `type` and
/// `code`, or a text.
error api_error(const boost::json::value& e);

/// How long the server wants to be left alone: `retry-after-ms`, or `Retry-After` (RFC 9110,
/// 10.2.3), in seconds or as a date.
std::optional<std::chrono::milliseconds> retry_after(const http_response& answer, time_point now);

}  // namespace troupe
