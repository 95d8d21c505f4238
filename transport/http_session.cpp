#include "transport/http_session.hpp"

#include "transport/ids.hpp"
#include "transport/url.hpp"
#include "transport/websocket_session.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <charconv>

namespace troupe {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 8 * 1024;

std::string_view view(beast::string_view s) { return {s.data(), s.size()}; }

web_method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return web_method::get;
    case http::verb::head:
      return web_method::head;
    case http::verb::post:
      return web_method::post;
    case http::verb::options:
      return web_method::options;
    default:
      return web_method::other;
  }
}

/// A request's own id is echoed if it is short and printable; otherwise one is made.
std::string request_id_of(std::string_view given) {
  auto printable = [](char c) { return c > 0x20 && c < 0x7F; };
  if (given.empty() || given.size() > 128 || !std::ranges::all_of(given, printable))
    return make_id("");
  return std::string(given);
}

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type.empty() || beast::iequals({type.data(), type.size()}, "application/json");
}

/// Splits a target; of `http://host/path?query` (RFC 9112, 3.2.2) the host is left out.
void split_target(std::string_view target, web_request& request) {
  if (auto scheme = target.find("://"); scheme != target.npos && !target.starts_with('/')) {
    auto path = target.find('/', scheme + 3);
    target = path == target.npos ? "/" : target.substr(path);
  }
  auto mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != target.npos) request.query = target.substr(mark + 1);
}

}  // namespace

http_session::http_session(asio::ip::tcp::socket socket, std::shared_ptr<io_thread> home,
                           std::shared_ptr<service> s)
    : socket_(std::move(socket)),
      home_(std::move(home)),
      service_(std::move(s)),
      out_(std::make_shared<outbox>(outbox_limits{service_->options.limits.outgoing_bytes,
                                                  service_->options.limits.outgoing_events})) {
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
      error_response({errc::overloaded, "the server has as many connections as it takes",
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
    return;
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

std::shared_ptr<exchange> http_session::make_exchange(std::size_t route) {
  const auto& m = parser_->get();
  exchange::context c;
  c.metrics = service_->metrics;
  c.out = out_;
  c.close = [self = connection_ref(home_, weak_from_this())] {
    self.post([](connection& other) { other.shut_down(); });
  };
  c.route = route;
  c.request_id = request_id_of(view(m["X-Request-Id"]));
  c.date = home_->date();
  c.http_1_0 = parser_->is_header_done() && m.version() < 11;
  c.keep_alive = keep_alive_;
  c.head = m.method() == http::verb::head;
  return std::make_shared<exchange>(std::move(c));
}

void http_session::handle() {
  const auto& m = parser_->get();
  keep_alive_ = m.keep_alive() && !service_->draining && !peer_done_;
  web_request request;
  request.method = method_of(m.method());
  request.content_type = view(m[http::field::content_type]);
  request.accept = view(m[http::field::accept]);
  request.if_none_match = view(m[http::field::if_none_match]);
  request.body = m.body();
  split_target(view(m.target()), request);
  auto match = find_route(request.method, request.path);
  request.argument = std::move(match.argument);
  enter(phase::answering);
  bool found = match.index < routes().size();
  if (found && routes()[match.index].kind == route_kind::websocket &&
      beast::websocket::is_upgrade(m) && origin_allowed())
    return upgrade(request);
  answer(request, match, make_exchange(match.index));
  read();
}

void http_session::answer(const web_request& request, const route_match& match, responder_ptr to) {
  auto fail = [&](int status, errc code, std::string message) {
    auto r = error_response({code, std::move(message)});
    r.status = status;
    if (!match.allow.empty()) r.headers.emplace_back("Allow", match.allow);
    to->send(std::move(r));
  };
  if (request.method == web_method::options && (!match.allow.empty() || request.path == "*")) {
    web_response r;
    r.status = 204;
    r.headers.emplace_back("Allow", match.allow.empty() ? "GET, HEAD, POST, OPTIONS" : match.allow);
    return to->send(std::move(r));
  }
  if (match.index == routes().size()) {
    auto path = "`" + std::string(request.path) + "`";
    if (match.allow.empty()) return fail(404, errc::not_found, "there is nothing at " + path);
    return fail(405, errc::invalid_request, path + " takes " + match.allow);
  }
  if (match.bad_argument)
    return fail(400, errc::invalid_request,
                "the id in the path must be 1 to 128 bytes of UTF-8 without control characters");
  if (!origin_allowed())
    return fail(403, errc::forbidden,
                "pages of the origin `" + std::string(view(parser_->get()[http::field::origin])) +
                    "` may not ask this server; see `allowed_origins`");
  if (request.method == web_method::post && !is_json(request.content_type))
    return fail(415, errc::invalid_request,
                "`Content-Type` is `" + std::string(request.content_type) +
                    "`; it must be `application/json`");
  routes()[match.index].run(*service_, request, std::move(to));
}

bool http_session::origin_allowed() const {
  const auto& m = parser_->get();
  auto origin = view(m[http::field::origin]);
  bool asks_only = m.method() != http::verb::post && !beast::websocket::is_upgrade(m);
  if (origin.empty() || asks_only) return true;
  auto host = origin.find("://");
  if (host != origin.npos &&
      beast::iequals(m[http::field::host], {origin.data() + host + 3, origin.size() - host - 3}))
    return true;
  return std::ranges::any_of(service_->options.allowed_origins, [&](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  });
}

void http_session::upgrade(const web_request& request) {
  auto refuse_upgrade = [&](std::string message) {
    make_exchange(find_route(request.method, request.path).index)
        ->send(error_response({errc::invalid_request, std::move(message)}));
    read();
  };
  auto conversation = find_query(request.query, "conversation");
  if (!conversation.present)
    return refuse_upgrade("`conversation` is missing: GET /v1/chat?conversation=ID");
  if (!conversation.text || !is_valid_id(*conversation.text))
    return refuse_upgrade(
        "`conversation` must be 1 to 128 bytes of UTF-8 without control characters");
  auto user = find_query(request.query, "user");
  if (user.present && (!user.text || !is_valid_id(*user.text)))
    return refuse_upgrade("`user` must be 1 to 128 bytes of UTF-8 without control characters");
  websocket_start start;
  start.conversation = *conversation.text;
  start.user = std::move(user.text).value_or(std::string());
  if (auto last = find_query(request.query, "last_seq"); last.present) {
    auto digits = std::move(last.text).value_or(std::string());
    auto end = digits.data() + digits.size();
    auto [p, ec] = std::from_chars(digits.data(), end, start.after);
    if (ec != std::errc() || p != end)
      return refuse_upgrade("`last_seq` must be a whole number, the last `seq` that was seen");
  }
  if (buffer_.size() != 0) return refuse_upgrade("a WebSocket frame came before the handshake");
  start.request_id = request_id_of(view(parser_->get()["X-Request-Id"]));
  auto session =
      std::make_shared<websocket_session>(std::move(socket_), home_, service_, std::move(start));
  auto self = shared_from_this();
  phase_ = phase::closed;
  out_->close();
  home_->add(session);
  home_->remove(this);
  service_->metrics->request(find_route(request.method, request.path).index, 101);
  session->start(parser_->get());
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

void http_session::shut_down() {
  if (phase_ != phase::answering) return close();
  keep_alive_ = false;
  std::string bytes;
  append_response(
      bytes,
      error_response(
          {errc::unavailable, "the server is shutting down; the run goes on, ask for it again"}),
      {.date = home_->date(), .keep_alive = false});
  if (!out_->answer(bytes) && !out_->finished()) close();
}

void http_session::close() {
  if (phase_ == phase::closed) return;
  enter(phase::closed);
  out_->close();
  error_code ignored;
  socket_.close(ignored);
  home_->remove(this);
}

}  // namespace troupe
