#pragma once
// One conversation over one WebSocket (docs/protocol.md). Beast speaks the protocol; the frames of
// events do not go through it but straight into the outbox, so that everything that has gathered
// leaves in one write.

#include "transport/client_message.hpp"
#include "transport/io_thread.hpp"
#include "transport/outbox_stream.hpp"
#include "transport/service.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <limits>

namespace troupe {

class websocket_sink;

/// What the request to upgrade said.
struct websocket_start {
  std::string conversation;
  std::string user;
  std::uint64_t after = std::numeric_limits<std::uint64_t>::max();  ///< last `seq` seen
  std::string request_id;
};

class websocket_session final : public connection {
 public:
  websocket_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<io_thread> home,
                    std::shared_ptr<service> s, websocket_start start);
  ~websocket_session() override;

  /// On the home thread, once; `request` is needed only during the call.
  void start(const boost::beast::http::request<boost::beast::http::string_body>& request);

  void flush() override;
  void tick(steady_time now) override;
  void shut_down() override;
  void close() override;

 private:
  enum class phase : unsigned char {
    shaking,  ///< the handshake is under way
    open,
    closing,    ///< a close frame was sent or received
    lingering,  ///< all is written; waiting for the client to close its side
    closed
  };

  std::shared_ptr<websocket_session> self();
  void read();
  void on_read(const boost::system::error_code& ec);
  void on_message(std::string_view text);
  void say(say_message m);
  /// Unless the client has asked for too much that is not answered yet.
  void read_on();
  void tell_of_departure();
  void start_closing(boost::beast::websocket::close_code code, std::string_view reason);
  void detach();
  /// Nothing more comes from Beast: write the rest, then linger.
  void finish();
  void linger();

  const std::shared_ptr<io_thread> home_;
  const std::shared_ptr<service> service_;
  const websocket_start start_;
  const std::shared_ptr<client_outbox> out_;
  boost::beast::websocket::stream<outbox_stream, false> stream_;
  std::shared_ptr<websocket_sink> sink_;
  boost::beast::flat_buffer buffer_;
  std::string writing_bytes_;
  phase phase_ = phase::shaking;
  steady_time deadline_ = steady_time::max();
  steady_time last_heard_;
  steady_time write_started_;
  std::optional<steady_time> pinged_at_;  ///< a ping that nothing has answered yet
  bool waits_ = false;                    ///< nothing is read until something was answered
  bool writing_ = false;
  bool finished_ = false;
  bool attached_ = false;
};

}  // namespace troupe
