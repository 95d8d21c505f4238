#pragma once
// One connection to a server, and one exchange after another on it.

#include "transport/http_address.hpp"

#include "pipeline/http_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <exception>

namespace troupe {

using steady_time = std::chrono::steady_clock::time_point;

/// What is asked, and what has come of it.
struct http_exchange {
  boost::beast::http::request<boost::beast::http::string_body> message;
  std::size_t max_body = 0;
  http_timeouts timeouts;
  const http_body_function* on_body = nullptr;  ///< nullptr: the body is kept

  http_response answer;
  bool answered = false;   ///< the answer has begun
  bool satisfied = false;  ///< `on_body` has had enough
  bool stopped = false;    ///< and wants the connection closed
  bool complete = false;
  std::exception_ptr thrown;  ///< by `on_body`

  std::string doing;  ///< what it is at, for errors: "connecting to"
  steady_time until = steady_time::max();
  /// The next part begins, which may take so long.
  void enter(std::string what, duration most);
};

/// Used by one thread at a time, which runs the connection's own event loop.
class client_connection {
 public:
  client_connection(const http_address& to, boost::asio::ssl::context& trust);

  /// Connects if need be, asks, and waits until the answer is whole. `deadline` is the latest end.
  result<void> run(http_exchange& x, const std::stop_token& cancel, steady_time deadline);

  /// Whether another exchange may follow: the last one ended well, and the server keeps it open.
  bool reusable() const noexcept { return reusable_; }
  /// Whether the server has closed it, or said something unasked, since the last exchange.
  bool still_open();
  bool goes_to(const http_address& a) const noexcept {
    return to_.tls == a.tls && to_.host == a.host && to_.port == a.port;
  }
  steady_time idle_since() const noexcept { return idle_since_; }

 private:
  using tcp = boost::asio::ip::tcp;
  using stream_type = boost::asio::ssl::stream<tcp::socket>;

  boost::asio::awaitable<void> talk(http_exchange& x, const std::vector<tcp::endpoint>& places);
  boost::asio::awaitable<void> connect(http_exchange& x, const std::vector<tcp::endpoint>& places);
  template <class Stream>
  boost::asio::awaitable<void> converse(http_exchange& x, Stream& stream);
  /// Runs the loop until the coroutine has ended or the time is up. True if it has ended.
  bool drive(const http_exchange& x, const bool& ended, const std::stop_token& cancel,
             steady_time deadline);
  error failure(const http_exchange& x, const std::exception_ptr& thrown) const;

  http_address to_;
  boost::asio::io_context context_{1};
  stream_type stream_;  ///< a plain connection uses its socket
  boost::beast::flat_buffer buffer_;
  std::string verdict_;  ///< why a certificate was refused
  bool connected_ = false, reusable_ = false;
  steady_time idle_since_;
};

}  // namespace troupe
