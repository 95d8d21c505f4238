// What an http_session does with a request once it is read: finds its route, or hands the
// connection over to a websocket_session.

#include "transport/http_session.hpp"
#include "transport/ids.hpp"
#include "transport/url.hpp"
#include "transport/websocket_session.hpp"

#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <charconv>

namespace troupe {

namespace beast = boost::beast;
namespace http = beast::http;

namespace {

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

std::shared_ptr<exchange> http_session::make_exchange(std::size_t route) {
  const auto& m = parser_->get();
  exchange::context c;
  c.metrics = service_->metrics;
  c.out = out_;
  c.close = [self = connection_ref(home_, weak_from_this())] {
    self.post([](connection& other) { other.shut_down(); });
  };
  c.draining = {service_, &service_->draining};
  c.route = route;
  c.request_id = request_id_of(view(m["X-Request-Id"]));
  c.date = home_->date();
  c.http_1_0 = parser_->is_header_done() && m.version() < 11;
  c.keep_alive = keep_alive_;
  c.head = m.method() == http::verb::head;
  auto made = std::make_shared<exchange>(std::move(c));
  at_hand_ = made;
  return made;
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
  if (routes()[match.index].kind == route_kind::admin && !from_this_machine())
    return fail(403, errc::forbidden,
                "`" + std::string(request.path) +
                    "` answers only programs on the server's own machine, directly and not through "
                    "a proxy");
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

/// Neither a proxy on this machine, nor a page that has given this machine a name of its own.
bool http_session::from_this_machine() const {
  const auto& m = parser_->get();
  boost::system::error_code ec;
  const auto peer = socket_.remote_endpoint(ec).address();
  auto is_own = [](const boost::asio::ip::address& a) {
    return a.is_loopback() ||
           (a.is_v6() && a.to_v6().is_v4_mapped() &&
            boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, a.to_v6()).is_loopback());
  };
  if (ec || !is_own(peer)) return false;
  if (m.find("Forwarded") != m.end() || m.find("X-Forwarded-For") != m.end()) return false;
  auto host = view(m[http::field::host]);
  if (const auto port = host.rfind(':'); port != host.npos && !host.ends_with(']'))
    host = host.substr(0, port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || beast::iequals({host.data(), host.size()}, "localhost")) return true;
  const auto named = boost::asio::ip::make_address(std::string(host), ec);
  return !ec && is_own(named);
}

void http_session::upgrade(const web_request& request) {
  auto refuse_upgrade = [&](std::string message) {
    make_exchange(find_route(request.method, request.path).index)
        ->send(error_response({errc::invalid_request, std::move(message)}));
    read();
  };
  if (service_->draining) {
    make_exchange(find_route(request.method, request.path).index)
        ->send(out_of_service({errc::overloaded,
                               "the server is about to end; connect to the one that follows",
                               std::chrono::seconds(2)}));
    return read();
  }
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

}  // namespace troupe
