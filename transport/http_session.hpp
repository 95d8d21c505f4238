#pragma once
// One HTTP connection: reads a request, has it answered, reads the next. Hands itself over to a
// websocket_session when the client asks for that.

#include "transport/exchange.hpp"
#include "transport/io_thread.hpp"
#include "transport/routes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>

namespace troupe {

class http_session final : public connection {
 public:
  http_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<io_thread> home,
               std::shared_ptr<service> s);
  ~http_session() override;

  /// On the home thread, once.
  void start();
  /// Instead of `start`: says that the server is full, and ends.
  void refuse();

  void flush() override;
  void tick(steady_time now) override;
  void shut_down() override;
  void close() override;

 private:
  enum class phase : unsigned char { idle, header, body, answering, lingering, closed };
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void enter(phase p);
  void next_request();
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t n);
  void parse();
  void on_header();
  /// Answers what could not be read as a request, and closes.
  void reject(const boost::system::error_code& ec);
  void reject(int status, std::string_view message);
  void handle();
  void answer(const web_request& request, const route_match& match, responder_ptr to);
  void upgrade(const web_request& request);
  bool origin_allowed() const;
  bool from_this_machine() const;
  void client_is_gone();
  std::shared_ptr<exchange> make_exchange(std::size_t route);
  void on_answered();

  boost::asio::ip::tcp::socket socket_;
  const std::shared_ptr<io_thread> home_;
  const std::shared_ptr<service> service_;
  const std::shared_ptr<client_outbox> out_;
  boost::beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  std::string writing_bytes_;
  std::weak_ptr<exchange> at_hand_;
  phase phase_ = phase::idle;
  steady_time deadline_ = steady_time::max();
  steady_time write_started_;
  bool reading_ = false;
  bool writing_ = false;
  bool keep_alive_ = true;
  bool header_seen_ = false;
  bool leaves_ = false;     ///< the server ends the connection, not the client
  bool peer_done_ = false;  ///< the client will send nothing more
};

}  // namespace troupe
