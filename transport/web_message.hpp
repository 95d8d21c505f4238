#pragma once
// A request and its answer as the routes see them: plain values, no socket.

#include "pipeline/value.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

enum class web_method : std::uint8_t { get, head, post, options, other };

std::string_view name_of(web_method method) noexcept;

/// Views into the connection's buffer: they live as long as the route's handler runs.
struct web_request {
  web_method method = web_method::get;
  std::string_view path;   ///< still percent-encoded
  std::string_view query;  ///< still percent-encoded, without the `?`
  std::string_view content_type;
  std::string_view accept;
  std::string_view if_none_match;
  std::string_view body;
  std::string argument;  ///< what stood for `{}` in the route's pattern, decoded
};

struct web_response {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> headers;
};

/// The status of an error, as a table: deadline is 504, overloaded 503, and so on.
int http_status(errc code) noexcept;
std::string_view reason_phrase(int status) noexcept;

/// A value as the whole body.
web_response json_response(const value& v);

/// {"error":{"code","message"}}, with Retry-After where waiting helps.
web_response error_response(const error& e);
/// The same with 503, whatever the code: the server as a whole takes nothing now.
web_response out_of_service(const error& e);

/// What a response needs to know of its connection and request.
struct response_frame {
  std::string_view request_id;
  std::string_view date;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool head = false;  ///< answer to HEAD: the length is told, the body is not sent
};

/// Appends the whole response.
void append_response(std::string& out, const web_response& r, const response_frame& frame);
/// Appends status line and headers of a response whose body follows piece by piece.
void append_stream_head(std::string& out, const web_response& r, const response_frame& frame);

/// Where the answer to one request goes. Thread-safe. Either `send` once, or `begin`, any number
/// of `write`s and `end`. A responder that is let go without an answer answers 500.
class responder {
 public:
  virtual ~responder() = default;
  virtual void send(web_response r) = 0;
  virtual void begin(web_response head) = 0;
  /// False: the client is gone or too slow, and nothing more will reach it.
  virtual bool write(std::string_view piece) = 0;
  virtual void end() = 0;
  /// Calls `f`, at most once, if the client goes away before it has the whole answer.
  virtual void when_gone(std::function<void()>) {}
};

using responder_ptr = std::shared_ptr<responder>;

}  // namespace troupe
