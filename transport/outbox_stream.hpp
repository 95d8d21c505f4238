#pragma once
// A socket whose writes go into an outbox: what Beast's WebSocket writes (handshake, pong, close)
// takes its place between the frames of events. A write is done when the outbox has it.

#include "transport/client_outbox.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/role.hpp>

#include <memory>

namespace troupe {

class outbox_stream {
 public:
  using executor_type = boost::asio::ip::tcp::socket::executor_type;

  outbox_stream(boost::asio::ip::tcp::socket socket, std::shared_ptr<client_outbox> out)
      : socket_(std::move(socket)), out_(std::move(out)) {}

  executor_type get_executor() { return socket_.get_executor(); }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& bytes) {
          auto n = boost::asio::buffer_size(bytes);
          boost::system::error_code ec;
          if (!out_->append_control(boost::beast::buffers_to_string(bytes)))
            ec = boost::asio::error::broken_pipe;
          boost::asio::post(get_executor(), boost::asio::append(std::move(handler), ec, n));
        },
        token, buffers);
  }

 private:
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<client_outbox> out_;
};

/// Called by Beast when the WebSocket is over. The session itself ends the connection, when the
/// outbox is empty.
template <class Handler>
void async_teardown(boost::beast::role_type, outbox_stream& stream, Handler&& handler) {
  boost::asio::post(stream.get_executor(), boost::asio::append(std::forward<Handler>(handler),
                                                               boost::system::error_code()));
}

/// Called by Beast's own timers, which are off.
inline void beast_close_socket(outbox_stream& stream) {
  boost::system::error_code ignored;
  stream.socket().close(ignored);
}

}  // namespace troupe
