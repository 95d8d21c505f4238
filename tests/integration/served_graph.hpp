#pragma once
// `troupe serve` as a child process that can be killed and started again on the same data folder,
// and the two ways to talk to it.

#include "support/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>

#include <memory>
#include <optional>

namespace troupe::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;

class served_graph {
 public:
  /// `folder` takes the data and what the server says on stderr.
  served_graph(std::filesystem::path graph, std::filesystem::path folder,
               std::vector<std::string> options = {})
      : graph_(std::move(graph)), folder_(std::move(folder)), options_(std::move(options)) {}

  /// Blocks until it listens. Throws, with what it printed, if it ends instead.
  void start() {
    std::vector<std::string> command{
        TROUPE_BINARY_DIR "/troupe", "serve", graph_, "--port", "0", "--data", folder_ / "data"};
    command.insert(command.end(), options_.begin(), options_.end());
    child_ = std::make_unique<child_process>(command, folder_ / "stderr");
    recovered_ = 0;
    std::string said;
    for (std::string line; child_->read_line(line); said += line + '\n') {
      if (line.find("unfinished runs taken up") != std::string::npos) recovered_ = std::stoi(line);
      const std::string_view before = "http://127.0.0.1:";
      const auto at = line.find(before);
      if (at == std::string::npos) continue;
      port_ = static_cast<std::uint16_t>(std::stoi(line.substr(at + before.size())));
      return;
    }
    throw std::runtime_error("the server did not start: " + said);
  }
  /// kill -9.
  void kill_now() { child_.reset(); }
  /// Ctrl-C. Its exit code.
  int stop() { return child_->end_by(SIGINT); }
  void signal(int number) { child_->signal(number); }
  /// Waits until it has ended. Its exit code.
  int wait() { return child_->wait(); }

  std::uint16_t port() const noexcept { return port_; }
  pid_t pid() const noexcept { return child_->id(); }
  /// Runs that the last start took up again.
  int recovered() const noexcept { return recovered_; }

 private:
  const std::filesystem::path graph_, folder_;
  const std::vector<std::string> options_;
  std::unique_ptr<child_process> child_;
  std::uint16_t port_ = 0;
  int recovered_ = 0;
};

using http_reply = http::response<http::string_body>;

/// One request on a connection of its own.
inline http_reply ask(std::uint16_t port, http::verb verb, const std::string& target,
                      const std::string& body = {}) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  http::request<http::string_body> request{verb, target, 11};
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  http::write(socket, request);
  beast::flat_buffer buffer;
  http_reply response;
  http::read(socket, buffer, response);
  return response;
}

/// GET, and the body as JSON.
inline json::value get_json(std::uint16_t port, const std::string& target) {
  const auto response = ask(port, http::verb::get, target);
  if (response.result() != http::status::ok)
    throw std::runtime_error(target + ": " + response.body());
  return json::parse(response.body());
}

/// A blocking WebSocket to one conversation. Every call throws boost::system::system_error once
/// the server is gone.
class chat_line {
 public:
  chat_line(std::uint16_t port, const std::string& conversation, std::uint64_t last_seq) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.handshake("127.0.0.1", "/v1/chat?conversation=" + conversation +
                                       "&last_seq=" + std::to_string(last_seq));
  }
  void say(const std::string& id, const std::string& text) {
    send(json::serialize(json::object{{"type", "say"}, {"id", id}, {"text", text}}));
  }
  void send(const std::string& frame) { stream_.write(asio::buffer(frame)); }
  /// The next frame, as it came.
  std::string next() {
    beast::flat_buffer buffer;
    stream_.read(buffer);
    return beast::buffers_to_string(buffer.data());
  }
  /// The next frame of a type.
  json::object next_of(std::string_view type) {
    for (;;) {
      auto frame = json::parse(next()).as_object();
      if (frame.at("type").as_string() == type) return frame;
    }
  }
  /// Reads until the server closes, and why it does.
  beast::websocket::close_reason wait_for_close() {
    for (boost::system::error_code ec; !ec;) {
      beast::flat_buffer buffer;
      stream_.read(buffer, ec);
    }
    return stream_.reason();
  }

 private:
  asio::io_context context_;
  beast::websocket::stream<tcp::socket> stream_{context_};
};

}  // namespace troupe::test
