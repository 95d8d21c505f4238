#pragma once
// Small blocking clients for the tests of the wire.

#include "support/fake_gateway.hpp"
#include "transport/server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace troupe::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using tcp = asio::ip::tcp;

/// A server on a free port with a fake gateway behind it.
struct fixture {
  explicit fixture(fake_gateway::answers a = fake_gateway::answers::at_once,
                   server_options options = {})
      : gate(a) {
    options.port = 0;
    options.quiet = true;
    options.graph_name = "fake";
    auto started = server::start(std::move(options), gate);
    BOOST_REQUIRE(started);
    running = *std::move(started);
  }

  fake_gateway gate;
  std::unique_ptr<server> running;
};

inline tcp::endpoint endpoint_of(const server& s) {
  return {asio::ip::make_address("127.0.0.1"), s.port()};
}

/// One connection, byte by byte.
class raw_client {
 public:
  explicit raw_client(const server& s) { socket_.connect(endpoint_of(s)); }

  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  /// Everything until the server closes its side.
  std::string read_all() {
    std::string all;
    boost::system::error_code ec;
    asio::read(socket_, asio::dynamic_buffer(all), ec);
    return all;
  }
  /// Exactly `n` bytes.
  std::string read(std::size_t n) {
    std::string bytes(n, '\0');
    asio::read(socket_, asio::buffer(bytes));
    return bytes;
  }
  void close() { socket_.close(); }
  tcp::socket& socket() { return socket_; }

 private:
  asio::io_context context_;
  tcp::socket socket_{context_};
};

using http_reply = http::response<http::string_body>;

inline json::object body_of(const http_reply& r) { return json::parse(r.body()).as_object(); }

inline std::string error_code_of(const http_reply& r) {
  return std::string(json::parse(r.body()).at("error").at("code").as_string());
}

inline std::string error_message_of(const http_reply& r) {
  return std::string(json::parse(r.body()).at("error").at("message").as_string());
}

/// One HTTP connection, which is kept between requests.
class http_test_client {
 public:
  explicit http_test_client(const server& s) { socket_.connect(endpoint_of(s)); }

  using fields = std::vector<std::pair<std::string, std::string>>;

  http_reply ask(http::verb verb, std::string target, std::string body = "",
                 const fields& extra = {}) {
    http::request<http::string_body> request{verb, target, 11, std::move(body)};
    request.set(http::field::host, "test");
    if (verb == http::verb::post) request.set(http::field::content_type, "application/json");
    for (const auto& [name, text] : extra) request.set(name, text);
    request.prepare_payload();
    http::write(socket_, request);
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    if (verb == http::verb::head) parser.skip(true);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }
  http_reply get(std::string target, const fields& extra = {}) {
    return ask(http::verb::get, std::move(target), "", extra);
  }
  http_reply post(std::string target, std::string body, const fields& extra = {}) {
    return ask(http::verb::post, std::move(target), std::move(body), extra);
  }

 private:
  asio::io_context context_;
  tcp::socket socket_{context_};
  beast::flat_buffer buffer_;
};

class websocket_test_client {
 public:
  explicit websocket_test_client(const server& s, const std::string& query,
                                 int receive_buffer = 0) {
    auto& socket = stream_.next_layer();
    socket.open(tcp::v4());
    if (receive_buffer) socket.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
    socket.connect(endpoint_of(s));
    stream_.handshake("test", "/v1/chat?" + query);
  }

  void send(std::string_view text) {
    stream_.text(true);
    stream_.write(asio::buffer(text));
  }
  void send_binary(std::string_view bytes) {
    stream_.binary(true);
    stream_.write(asio::buffer(bytes));
  }
  json::object next() {
    beast::flat_buffer buffer;
    stream_.read(buffer);
    return json::parse(beast::buffers_to_string(buffer.data())).as_object();
  }
  /// Frames up to and with the next of `type`.
  std::vector<json::object> until(std::string_view type) {
    std::vector<json::object> all;
    do all.push_back(next());
    while (all.back().at("type").as_string() != type);
    return all;
  }
  /// Reads until the server closes, and says with which code.
  int close_code() {
    boost::system::error_code ec;
    while (!ec) {
      beast::flat_buffer buffer;
      stream_.read(buffer, ec);
    }
    return stream_.reason().code;
  }
  void close() { stream_.close(beast::websocket::close_code::normal); }
  void vanish() { stream_.next_layer().close(); }
  beast::websocket::stream<tcp::socket>& stream() { return stream_; }

 private:
  asio::io_context context_;
  beast::websocket::stream<tcp::socket> stream_{context_};
};

inline std::string text_of(const json::object& o, std::string_view key) {
  return std::string(o.at(key).as_string());
}

}  // namespace troupe::test
