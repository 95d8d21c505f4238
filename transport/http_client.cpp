#include "transport/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <thread>

namespace troupe {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::uint32_t header_limit = 64 * 1024;

struct address {
  bool tls = false;
  std::string host, port, target;
  std::string shown;  ///< scheme, host and port: what an error may repeat of a URL
  bool host_is_name = true;
};

result<address> parse_address(const std::string& text) {
  auto url = boost::urls::parse_uri(text);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty())
    return error{errc::invalid_request,
                 "the URL is not valid; it must be absolute, with http:// or https://"};
  address a;
  a.tls = url->scheme() == "https";
  a.host = url->host_address();
  a.host_is_name = url->host_type() == boost::urls::host_type::name;
  a.port =
      url->has_port() && !url->port().empty() ? std::string(url->port()) : (a.tls ? "443" : "80");
  a.target = std::string(url->encoded_target());
  if (a.target.empty() || a.target.front() != '/') a.target.insert(0, "/");
  a.shown = std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port());
  return a;
}

result<http::request<http::string_body>> make_message(const http_request& from, const address& to) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(from.method);
  message.target(to.target);
  message.set(http::field::host, to.shown.substr(to.shown.find("://") + 3));
  message.set(http::field::user_agent, "troupe");
  message.set(http::field::connection, "close");
  for (const auto& [name, text] : from.headers) {
    auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (name.empty() || std::ranges::any_of(name + text, breaks))
      return error{errc::invalid_request, "header `" + name + "` holds a line break or no name"};
    message.set(name, text);
  }
  message.body() = from.body;
  if (!from.body.empty() || from.method == "POST" || from.method == "PUT")
    message.prepare_payload();
  return message;
}

/// One request on its way. `context` is the last member, so that what still waits in it is gone
/// before the things it works on.
struct exchange {
  address to;
  http::request<http::string_body> message;
  std::size_t max_body;
  asio::ssl::context& trust;
  std::string doing;
  bool looking_up = false;
  std::optional<result<http_response>> answer;
  asio::io_context context{1};
};

template <class Stream>
asio::awaitable<http_response> talk(exchange& x, Stream& stream) {
  x.doing = "sending a request to";
  co_await http::async_write(stream, x.message, asio::use_awaitable);
  x.doing = "waiting for an answer of";
  http::response_parser<http::string_body> parser;
  parser.header_limit(header_limit);
  parser.body_limit(x.max_body);
  parser.skip(x.message.method() == http::verb::head);
  boost::beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  auto& received = parser.get();
  http_response response;
  response.status = static_cast<int>(received.result_int());
  for (const auto& field : received)
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  response.body = std::move(received.body());
  co_return response;
}

asio::awaitable<http_response> send_on(exchange& x) {
  x.doing = "looking up";
  x.looking_up = true;
  tcp::resolver resolver(x.context);
  auto found = co_await resolver.async_resolve(x.to.host, x.to.port, asio::use_awaitable);
  x.looking_up = false;
  x.doing = "connecting to";
  boost::beast::tcp_stream plain(x.context);
  co_await plain.async_connect(found, asio::use_awaitable);
  plain.socket().set_option(tcp::no_delay(true));
  if (!x.to.tls) co_return co_await talk(x, plain);

  x.doing = "verifying";
  boost::beast::ssl_stream<boost::beast::tcp_stream> secure(std::move(plain), x.trust);
  secure.set_verify_mode(asio::ssl::verify_peer);
  secure.set_verify_callback(asio::ssl::host_name_verification(x.to.host));
  if (x.to.host_is_name) SSL_set_tlsext_host_name(secure.native_handle(), x.to.host.c_str());
  co_await secure.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_return co_await talk(x, secure);
}

error failure(const exchange& x, const boost::system::system_error& e) {
  if (e.code() == http::error::body_limit)
    return {errc::failed, "the answer of `" + x.to.shown + "` is larger than " +
                              std::to_string(x.max_body) + " bytes"};
  return {errc::unavailable, x.doing + " `" + x.to.shown + "` failed: " + e.code().message()};
}

class beast_client final : public http_client {
 public:
  beast_client() : trust_(asio::ssl::context::tls_client) {
    trust_.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                       asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                       asio::ssl::context::no_tlsv1_1);
    trust_.set_default_verify_paths();
  }
  asio::ssl::context& trust() { return trust_; }

  result<http_response> send(const http_request& request, std::stop_token cancel,
                             time_point deadline) override {
    auto to = parse_address(request.url);
    if (!to) return std::move(to).error();
    auto message = make_message(request, *to);
    if (!message) return std::move(message).error();
    auto x = std::shared_ptr<exchange>(
        new exchange{std::move(*to), std::move(*message), request.max_body, trust_, {}, false, {}});
    asio::co_spawn(x->context, send_on(*x), [&x = *x](std::exception_ptr e, http_response r) {
      x.answer = e ? read_failure(x, e) : result<http_response>(std::move(r));
    });
    {
      std::stop_callback stop(cancel, [&] { x->context.stop(); });
      run(x->context, deadline);
    }
    if (x->answer) return std::move(*x->answer);
    auto late = error{errc::timeout, x->doing + " `" + x->to.shown + "` took too long"};
    if (cancel.stop_requested())
      late = {errc::cancelled, "the request to `" + x->to.shown + "` was cancelled"};
    // A name server may take longer than anybody wants to wait, and a lookup cannot be ended.
    if (x->looking_up) std::thread([abandoned = std::move(x)] {}).detach();
    return late;
  }

 private:
  static void run(asio::io_context& context, time_point deadline) {
    if (deadline == time_point::max())
      context.run();
    else
      context.run_for(deadline - system_clock().now());
  }

  static result<http_response> read_failure(const exchange& x, const std::exception_ptr& e) {
    try {
      std::rethrow_exception(e);
    } catch (const boost::system::system_error& s) {
      return failure(x, s);
    } catch (const std::exception& other) {
      return error{errc::unavailable,
                   x.doing + " `" + x.to.shown + "` failed: " + std::string(other.what())};
    }
  }

  asio::ssl::context trust_;
};

}  // namespace

result<std::shared_ptr<http_client>> make_http_client(const http_client_options& options) {
  auto client = std::make_shared<beast_client>();
  if (!options.trust.empty()) {
    boost::system::error_code failed;
    client->trust().load_verify_file(options.trust.string(), failed);
    if (failed)
      return error{errc::invalid_request, "certificates `" + options.trust.string() +
                                              "` cannot be read: " + failed.message()};
  }
  return std::shared_ptr<http_client>(std::move(client));
}

}  // namespace troupe
