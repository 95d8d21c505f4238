#include "transport/http_session.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

namespace troupe {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 8 * 1024;

}  // namespace

http_session::http_session(asio::ip::tcp::socket socket, std::shared_ptr<io_thread> home,
                           std::shared_ptr<service> s)
    : socket_(std::move(socket)),
      home_(std::move(home)),
      service_(std::move(s)),
      out_(std::make_shared<client_outbox>(outbox_limits{
          service_->options.limits.outgoing_bytes, service_->options.limits.outgoing_events})) {
  service_->metrics->connection_opened(connection_kind::http);
  ++service_->connections;
}

http_session::~http_session() {
  service_->metrics->connection_closed(connection_kind::http);
  --service_->connections;
}

void http_session::start() {
  out_->wake_by([self = connection_ref(home_, weak_from_this())] {
    self.post([](connection& c) { c.flush(); });
  });
  if (phase_ != phase::closed) next_request();
}

void http_session::refuse() {
  start();
  if (phase_ == phase::closed) return;
  service_->metrics->connection_refused();
  keep_alive_ = false;
  enter(phase::answering);
  std::string bytes;
  append_response(
      bytes,
      out_of_service({errc::overloaded, "the server has as many connections as it takes",
                      std::chrono::seconds(1)}),
      {.date = home_->date(), .keep_alive = false});
  out_->answer(bytes);
}

void http_session::enter(phase p) {
  phase_ = p;
  const auto& t = service_->options.timeouts;
  auto in = [](std::chrono::milliseconds d) { return std::chrono::steady_clock::now() + d; };
  switch (p) {
    case phase::idle:
      deadline_ = in(t.idle);
      break;
    case phase::header:
      deadline_ = in(t.header);
      break;
    case phase::body:
      deadline_ = in(t.body);
      break;
    case phase::lingering:
      deadline_ = in(t.linger);
      break;
    case phase::answering:
    case phase::closed:
      deadline_ = steady_time::max();
      break;
  }
}

void http_session::next_request() {
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(service_->options.limits.header_bytes));
  parser_->body_limit(service_->options.limits.body_bytes);
  header_seen_ = false;
  enter(buffer_.size() == 0 ? phase::idle : phase::header);
  if (buffer_.size() == 0)
    read();
  else
    parse();
}

void http_session::read() {
  if (reading_ || peer_done_ || phase_ == phase::closed) return;
  // What comes while an answer is awaited is the next request; one buffer of it is enough.
  if (phase_ == phase::answering && buffer_.size() >= read_bytes) return;
  reading_ = true;
  socket_.async_read_some(buffer_.prepare(read_bytes),
                          [self = shared_from_this(), this](const error_code& ec, std::size_t n) {
                            reading_ = false;
                            on_read(ec, n);
                          });
}

void http_session::on_read(const error_code& ec, std::size_t n) {
  if (phase_ == phase::closed) return;
  if (ec == asio::error::eof && phase_ == phase::answering) {
    // It may have closed its half only, and still waits for the answer.
    peer_done_ = true;
    keep_alive_ = false;
    return client_is_gone();
  }
  if (ec) return close();
  buffer_.commit(n);
  if (phase_ == phase::lingering) buffer_.clear();
  if (phase_ == phase::idle) enter(phase::header);
  if (phase_ == phase::header || phase_ == phase::body)
    parse();
  else
    read();
}

void http_session::parse() {
  while (buffer_.size() != 0) {
    error_code ec;
    auto used = parser_->put(buffer_.data(), ec);
    buffer_.consume(used);
    if (ec == http::error::need_more) ec = {};
    if (ec) return reject(ec);
    if (parser_->is_done()) return handle();
    if (parser_->is_header_done() && !header_seen_) on_header();
    if (used == 0) break;
  }
  read();
}

void http_session::on_header() {
  header_seen_ = true;
  enter(phase::body);
  if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    out_->append_control("HTTP/1.1 100 Continue\r\n\r\n");
    out_->restart();
  }
}

void http_session::reject(const error_code& ec) {
  const auto& limits = service_->options.limits;
  if (ec == http::error::body_limit)
    return reject(413, "the body has more than " + std::to_string(limits.body_bytes) + " bytes");
  if (ec == http::error::header_limit) {
    auto most = std::to_string(limits.header_bytes) + " bytes";
    if (parser_->get().target().empty()) return reject(414, "the target has more than " + most);
    return reject(431, "the header has more than " + most);
  }
  reject(400, "not a request of HTTP/1.1: " + ec.message());
}

void http_session::reject(int status, std::string_view message) {
  keep_alive_ = false;
  auto r = error_response({errc::invalid_request, std::string(message)});
  r.status = status;
  auto to = make_exchange(routes().size());
  enter(phase::answering);
  to->send(std::move(r));
}

void http_session::flush() {
  if (writing_ || phase_ == phase::closed) return;
  if (out_->was_cut()) {
    service_->metrics->client_cut();
    return close();
  }
  if (out_->take(writing_bytes_)) {
    writing_ = true;
    write_started_ = std::chrono::steady_clock::now();
    asio::async_write(socket_, asio::buffer(writing_bytes_),
                      [self = shared_from_this(), this](const error_code& ec, std::size_t) {
                        writing_ = false;
                        if (ec) return close();
                        flush();
                      });
  } else if (phase_ == phase::answering && out_->finished_and_written()) {
    on_answered();
  }
}

void http_session::on_answered() {
  if (keep_alive_ && !service_->draining) {
    out_->restart();
    return next_request();
  }
  // Closing with bytes unread would make the kernel reset the connection, and the client could
  // lose the answer: read on until it has closed its side.
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (peer_done_) return close();
  enter(phase::lingering);
  buffer_.clear();
  read();
}

void http_session::tick(steady_time now) {
  if (writing_ && now - write_started_ > service_->options.timeouts.write) return close();
  if (service_->draining && phase_ == phase::idle) return close();
  if (now < deadline_) return;
  if (phase_ == phase::header || phase_ == phase::body)
    return reject(408, "the request took too long to arrive");
  close();
}

/// For those who asked to be told; others have their answer written into the void.
void http_session::client_is_gone() {
  if (leaves_) return;
  if (auto e = at_hand_.lock()) e->client_is_gone();
}

void http_session::shut_down() {
  leaves_ = true;
  if (phase_ != phase::answering) return close();
  keep_alive_ = false;
  std::string bytes;
  append_response(
      bytes,
      out_of_service(
          {errc::overloaded,
           "the server ends before the run does; the run goes on at the next start: ask again with "
           "the same id",
           std::chrono::seconds(2)}),
      {.date = home_->date(), .keep_alive = false});
  if (!out_->answer(bytes) && !out_->finished()) close();
}

void http_session::close() {
  if (phase_ == phase::closed) return;
  client_is_gone();
  enter(phase::closed);
  out_->close();
  error_code ignored;
  socket_.close(ignored);
  home_->remove(this);
}

}  // namespace troupe
