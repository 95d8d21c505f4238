#include "transport/client_connection.hpp"

#include "transport/name_lookup.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>

namespace troupe {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::uint32_t header_limit = 64 * 1024;
constexpr std::size_t piece_size = 16 * 1024;
/// How long the end of an answer is waited for that nobody needs any more, to keep the connection.
constexpr auto patience_with_the_end = std::chrono::milliseconds(100);

struct too_large {};

bool is_success(int status) { return status >= 200 && status < 300; }

void take_piece(http_exchange& x, std::string_view piece) {
  if (piece.empty() || x.satisfied) return;
  if (!x.on_body || !is_success(x.answer.status)) {
    x.answer.body += piece;
    return;
  }
  try {
    const auto wish = (*x.on_body)(x.answer, piece);
    x.satisfied = wish != http_body::more;
    x.stopped = wish == http_body::stop;
  } catch (...) {
    x.thrown = std::current_exception();
    x.stopped = true;
  }
}

}  // namespace

void http_exchange::enter(std::string what, duration most) {
  doing = std::move(what);
  until = most == duration::max() ? steady_time::max() : std::chrono::steady_clock::now() + most;
}

client_connection::client_connection(const http_address& to, asio::ssl::context& trust)
    : to_(to), stream_(context_, trust) {}

template <class Stream>
asio::awaitable<void> client_connection::converse(http_exchange& x, Stream& stream) {
  x.enter("sending a request to", x.timeouts.first_byte);
  co_await http::async_write(stream, x.message, asio::use_awaitable);
  x.enter("waiting for an answer of", x.timeouts.first_byte);
  http::response_parser<http::buffer_body> parser;
  parser.header_limit(header_limit);
  parser.body_limit(boost::none);
  parser.skip(x.message.method() == http::verb::head);
  co_await http::async_read_header(stream, buffer_, parser, asio::use_awaitable);
  auto& received = parser.get();
  x.answered = true;
  x.answer.status = static_cast<int>(received.result_int());
  for (const auto& field : received)
    x.answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));

  std::array<char, piece_size> piece;
  std::size_t total = 0;
  while (!parser.is_done()) {
    if (x.stopped) co_return;
    x.enter("reading the answer of", x.satisfied ? patience_with_the_end : x.timeouts.idle);
    received.body().data = piece.data();
    received.body().size = piece.size();
    auto [failed, n] = co_await http::async_read_some(stream, buffer_, parser,
                                                      asio::as_tuple(asio::use_awaitable));
    const std::size_t size = piece.size() - received.body().size;
    total += size;
    if (total > x.max_body) throw too_large();
    take_piece(x, {piece.data(), size});
    if (failed && failed != http::error::need_buffer) throw boost::system::system_error(failed);
  }
  x.complete = true;
  reusable_ = parser.keep_alive() && x.message.keep_alive();
}

asio::awaitable<void> client_connection::connect(http_exchange& x, const endpoints& places) {
  x.doing = "connecting to";
  auto& socket = stream_.next_layer();
  co_await asio::async_connect(socket, places, asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  if (to_.tls) {
    x.doing = "verifying";
    stream_.set_verify_mode(asio::ssl::verify_peer);
    stream_.set_verify_callback([this](bool fine, asio::ssl::verify_context& certificate) {
      if (!fine) {
        verdict_ =
            X509_verify_cert_error_string(X509_STORE_CTX_get_error(certificate.native_handle()));
        return false;
      }
      fine = asio::ssl::host_name_verification(to_.host)(fine, certificate);
      if (!fine) verdict_ = "the certificate is not for `" + to_.host + "`";
      return fine;
    });
    if (to_.host_is_name) SSL_set_tlsext_host_name(stream_.native_handle(), to_.host.c_str());
    co_await stream_.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  }
  connected_ = true;
}

asio::awaitable<void> client_connection::talk(http_exchange& x, const endpoints& places) {
  if (!connected_) co_await connect(x, places);
  if (to_.tls)
    co_await converse(x, stream_);
  else
    co_await converse(x, stream_.next_layer());
}

bool client_connection::drive(const http_exchange& x, const bool& ended,
                              const std::stop_token& cancel, steady_time deadline) {
  // The loop is stopped from the thread that cancels; what is left then is undone here.
  std::stop_callback stop(cancel, [this] { context_.stop(); });
  while (!ended && !cancel.stop_requested()) {
    const auto until = std::min(deadline, x.until);
    const auto ran =
        until == steady_time::max() ? context_.run_one() : context_.run_one_until(until);
    if (ran == 0) break;
  }
  return ended;
}

error client_connection::failure(const http_exchange& x, const std::exception_ptr& thrown) const {
  std::string why;
  try {
    std::rethrow_exception(thrown);
  } catch (const too_large&) {
    return {errc::failed, "the answer of `" + to_.shown + "` is larger than " +
                              std::to_string(x.max_body) + " bytes"};
  } catch (const boost::system::system_error& e) {
    why = e.code().message();
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (!verdict_.empty()) why += ": " + verdict_;
  return {errc::unavailable, x.doing + " `" + to_.shown + "` failed: " + why};
}

result<void> client_connection::run(http_exchange& x, const std::stop_token& cancel,
                                    steady_time deadline) {
  reusable_ = false;
  const error cancelled{errc::cancelled, "the request to `" + to_.shown + "` was cancelled"};
  auto late = [&] {
    return cancel.stop_requested()
               ? cancelled
               : error{errc::timeout, x.doing + " `" + to_.shown + "` took too long"};
  };
  endpoints places;
  if (!connected_) {
    x.enter("looking up", x.timeouts.connect);
    if (deadline <= std::chrono::steady_clock::now()) return late();
    boost::system::error_code failed;
    auto found = look_up(to_.host, to_.port, std::min(deadline, x.until), cancel, failed);
    if (!found) return late();
    if (failed) return failure(x, std::make_exception_ptr(boost::system::system_error(failed)));
    places = std::move(*found);
  }
  bool ended = false;
  std::exception_ptr thrown;
  context_.restart();
  asio::co_spawn(context_, talk(x, places), [&](std::exception_ptr e) {
    ended = true;
    thrown = std::move(e);
  });
  if (!drive(x, ended, cancel, deadline)) {
    // With its socket closed, all that the coroutine waits for comes back at once.
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    context_.restart();
    context_.run();
    reusable_ = false;
    if (!x.satisfied || cancel.stop_requested()) return late();
  }
  idle_since_ = std::chrono::steady_clock::now();
  if (x.thrown) std::rethrow_exception(x.thrown);
  if (x.complete || x.satisfied) return {};
  return failure(x, thrown);
}

bool client_connection::still_open() {
  char byte = 0;
  const auto n = ::recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && buffer_.size() == 0;
}

}  // namespace troupe
