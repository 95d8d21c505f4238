#pragma once
// A scripted HTTP server on a real socket, plain or with a certificate made on the spot.

#include "support/self_signed.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>

namespace troupe::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

using answer = http::response<http::string_body>;

inline answer make_answer(unsigned status, std::string body) {
  answer a(http::int_to_status(status), 11);
  a.body() = std::move(body);
  a.prepare_payload();
  return a;
}

/// Gives one answer to each connection, in order, and keeps what it was asked. Connections beyond
/// the script are accepted and left without an answer.
class tiny_server {
 public:
  explicit tiny_server(std::deque<answer> script, const self_signed* identity = nullptr)
      : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
        script_(std::move(script)),
        identity_(identity),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { serve(); }) {}
  ~tiny_server() {
    stopping_ = true;
    tcp::socket knock(context_);
    beast::error_code ignored;
    knock.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }

  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const {
    return std::string(identity_ ? "https://" : "http://") + std::string(host) + ":" +
           std::to_string(port_) + std::string(path);
  }
  /// Blocks until a connection without an answer has been asked.
  void wait_for_silence() { silent_.acquire(); }

  std::deque<http::request<http::string_body>> asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void serve() {
    while (true) {
      tcp::socket socket(context_);
      acceptor_.accept(socket);
      if (stopping_) return;
      try {
        if (!identity_) {
          converse(socket);
          continue;
        }
        asio::ssl::context tls(asio::ssl::context::tls_server);
        tls.use_certificate(asio::buffer(identity_->certificate), asio::ssl::context::pem);
        tls.use_private_key(asio::buffer(identity_->key), asio::ssl::context::pem);
        asio::ssl::stream<tcp::socket&> secure(socket, tls);
        secure.handshake(asio::ssl::stream_base::server);
        converse(secure);
      } catch (const boost::system::system_error&) {
        // The client went away, which is what some tests are about.
      }
    }
  }

  template <class Stream>
  void converse(Stream& stream) {
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(stream, buffer, request);
    {
      std::lock_guard lock(mutex_);
      asked_.push_back(std::move(request));
    }
    if (script_.empty()) {
      silent_.release();
      char byte = 0;
      stream.read_some(asio::buffer(&byte, 1));  // until the client has had enough
      return;
    }
    http::write(stream, script_.front());
    script_.pop_front();
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::deque<answer> script_;
  const self_signed* identity_;
  std::uint16_t port_;
  std::atomic<bool> stopping_ = false;
  std::binary_semaphore silent_{0};
  mutable std::mutex mutex_;
  std::deque<http::request<http::string_body>> asked_;
  std::thread thread_;
};

}  // namespace troupe::test
