#pragma once
// An API that misbehaves as told: for each request on a real socket, plain or with TLS, a behaviour
// that writes whatever bytes it likes. Connections are kept open until a behaviour hangs up.

#include "support/self_signed.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace troupe::test {

/// What a behaviour can do on its connection. Everything throws once the client is gone.
struct server_line {
  std::function<void(std::string_view)> write;
  std::function<void()> hang_up;
  std::function<void()> wait_until_the_client_hangs_up;
};

using api_request = boost::beast::http::request<boost::beast::http::string_body>;
using behaviour = std::function<void(server_line&, const api_request&)>;

class chat_server {
 public:
  /// The last behaviour stays. `identity`: TLS with it, of at most the version `most_tls`.
  explicit chat_server(std::deque<behaviour> script, const self_signed* identity = nullptr,
                       int most_tls = TLS1_3_VERSION)
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()),
        script_(std::move(script)) {
    if (identity) {
      tls_.emplace(boost::asio::ssl::context::tls_server);
      SSL_CTX_set_max_proto_version(tls_->native_handle(), most_tls);
      tls_->use_certificate(boost::asio::buffer(identity->certificate),
                            boost::asio::ssl::context::pem);
      tls_->use_private_key(boost::asio::buffer(identity->key), boost::asio::ssl::context::pem);
    }
    thread_ = std::thread([this] { accept(); });
  }
  ~chat_server() {
    boost::system::error_code gone_already;
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      for (auto& c : connections_) c.socket.shutdown(tcp::socket::shutdown_both, gone_already);
    }
    tcp::socket knock(context_);
    knock.connect({boost::asio::ip::address_v4::loopback(), port_}, gone_already);
    thread_.join();
    for (auto& c : connections_) c.thread.join();
  }

  std::string url(std::string_view path = "/v1", std::string_view host = "127.0.0.1") const {
    return std::string(tls_ ? "https://" : "http://") + std::string(host) + ":" +
           std::to_string(port_) + std::string(path);
  }
  std::uint16_t port() const noexcept { return port_; }
  std::deque<api_request> asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  std::size_t connections() const {
    std::lock_guard lock(mutex_);
    return connections_.size();
  }
  /// Blocks until so many clients have hung up on a behaviour that waited for it.
  void wait_for_hang_ups(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return hang_ups_ >= count; });
  }
  void wait_for_requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_.size() >= count; });
  }

 private:
  using tcp = boost::asio::ip::tcp;
  struct connection {
    explicit connection(boost::asio::io_context& context) : socket(context) {}
    tcp::socket socket;
    std::thread thread;
  };

  void accept() {
    while (true) {
      tcp::socket socket(context_);
      acceptor_.accept(socket);
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      auto& c = connections_.emplace_back(context_);
      c.socket = std::move(socket);
      c.socket.set_option(tcp::no_delay(true));
      c.thread = std::thread([this, &c] { serve(c); });
    }
  }

  void serve(connection& c) {
    try {
      if (!tls_) return converse(c, c.socket);
      boost::asio::ssl::stream<tcp::socket&> secure(c.socket, *tls_);
      secure.handshake(boost::asio::ssl::stream_base::server);
      converse(c, secure);
    } catch (const boost::system::system_error&) {
      // The client went away, or the behaviour hung up.
    }
    boost::system::error_code gone_already;
    c.socket.shutdown(tcp::socket::shutdown_both, gone_already);
  }

  template <class Stream>
  void converse(connection& c, Stream& stream) {
    server_line line;
    line.write = [&](std::string_view bytes) {
      boost::asio::write(stream, boost::asio::buffer(bytes));
    };
    line.hang_up = [&] {
      c.socket.shutdown(tcp::socket::shutdown_both);
      throw boost::system::system_error(boost::asio::error::eof);
    };
    line.wait_until_the_client_hangs_up = [&] {
      char byte = 0;
      boost::system::error_code failed;
      while (!failed) stream.read_some(boost::asio::buffer(&byte, 1), failed);
      std::lock_guard lock(mutex_);
      ++hang_ups_;
      changed_.notify_all();
    };
    boost::beast::flat_buffer buffer;
    while (true) {
      api_request request;
      boost::beast::http::read(stream, buffer, request);
      next(request)(line, request);
    }
  }

  behaviour next(const api_request& request) {
    std::lock_guard lock(mutex_);
    asked_.push_back(request);
    changed_.notify_all();
    auto b = script_.front();
    if (script_.size() > 1) script_.pop_front();
    return b;
  }

  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  const std::uint16_t port_;
  std::optional<boost::asio::ssl::context> tls_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<behaviour> script_;
  std::deque<api_request> asked_;
  std::list<connection> connections_;
  int hang_ups_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

/// Pieces of answers.
inline std::string chat_event(std::string_view text) {
  boost::json::object choice{{"index", 0}, {"delta", boost::json::object{{"content", text}}}};
  return "data: " +
         boost::json::serialize(boost::json::object{{"choices", boost::json::array{choice}}}) +
         "\n\n";
}

constexpr std::string_view chat_end =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3}}\n\n"
    "data: [DONE]\n\n";

constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

inline std::string chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

inline std::string whole_answer(int status, std::string_view type, std::string_view body,
                                std::string_view more_headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more_headers) +
         "\r\n" + std::string(body);
}

/// Streams the texts as an API should.
inline behaviour says(std::vector<std::string> texts) {
  return [texts = std::move(texts)](server_line& line, const api_request&) {
    line.write(stream_head);
    for (const auto& text : texts) line.write(chunk(chat_event(text)));
    line.write(chunk(chat_end));
    line.write(last_chunk);
  };
}

inline behaviour refuses(int status, std::string more_headers = "") {
  return [=](server_line& line, const api_request&) {
    line.write(
        whole_answer(status, "application/json", R"({"error":{"message":"no"}})", more_headers));
  };
}

/// Writes these bytes and hangs up.
inline behaviour breaks_off_after(std::string bytes) {
  return [bytes = std::move(bytes)](server_line& line, const api_request&) {
    line.write(bytes);
    line.hang_up();
  };
}

/// Writes these bytes and then nothing more.
inline behaviour falls_silent_after(std::string bytes) {
  return [bytes = std::move(bytes)](server_line& line, const api_request&) {
    line.write(bytes);
    line.wait_until_the_client_hangs_up();
  };
}

}  // namespace troupe::test
