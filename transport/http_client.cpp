#include "transport/http_client.hpp"

#include "transport/client_connection.hpp"

#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <mutex>

namespace troupe {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t most_idle = 64;
/// Most servers close a connection that was silent for a minute or more.
constexpr auto longest_idle = std::chrono::seconds(50);

result<http::request<http::string_body>> make_message(const http_request& from,
                                                      const http_address& to, bool keep) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(from.method);
  message.target(to.target);
  message.set(http::field::host, to.shown.substr(to.shown.find("://") + 3));
  message.set(http::field::user_agent, "troupe");
  if (keep)
    message.keep_alive(true);
  else
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

/// The same moment on the clock that nobody sets.
steady_time steady(time_point deadline) {
  if (deadline == time_point::max()) return steady_time::max();
  return std::chrono::steady_clock::now() + (deadline - system_clock().now());
}

class beast_client final : public http_streamer {
 public:
  explicit beast_client(tls_version least) : trust_(asio::ssl::context::tls_client) {
    SSL_CTX_set_min_proto_version(trust_.native_handle(),
                                  least == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    trust_.set_default_verify_paths();
  }
  asio::ssl::context& trust() { return trust_; }

  result<http_response> send(const http_request& request, std::stop_token cancel,
                             time_point deadline) override {
    auto x = exchange_for(request, false);
    if (!x) return std::move(x).error();
    client_connection connection(x->to, trust_);
    auto done = connection.run(x->what, cancel, steady(deadline));
    if (!done) return std::move(done).error();
    return std::move(x->what.answer);
  }

  result<http_response> stream(const http_request& request, const http_timeouts& timeouts,
                               const http_body_function& on_body, std::stop_token cancel,
                               time_point deadline) override {
    auto x = exchange_for(request, true);
    if (!x) return std::move(x).error();
    x->what.timeouts = timeouts;
    x->what.on_body = &on_body;
    const auto latest = steady(deadline);
    auto connection = take(x->to);
    const bool reused = connection != nullptr;
    if (!reused) connection = std::make_unique<client_connection>(x->to, trust_);
    auto done = connection->run(x->what, cancel, latest);
    // The server closed it while the request was on its way.
    if (!done && reused && !x->what.answered && done.error().code == errc::unavailable) {
      connection = std::make_unique<client_connection>(x->to, trust_);
      done = connection->run(x->what, cancel, latest);
    }
    if (!done) return std::move(done).error();
    if (connection->reusable()) give_back(std::move(connection));
    return std::move(x->what.answer);
  }

 private:
  struct addressed_exchange {
    http_address to;
    http_exchange what;
  };

  static result<addressed_exchange> exchange_for(const http_request& request, bool keep) {
    auto to = parse_address(request.url);
    if (!to) return std::move(to).error();
    auto message = make_message(request, *to, keep);
    if (!message) return std::move(message).error();
    http_exchange x;
    x.message = std::move(*message);
    x.max_body = request.max_body;
    return addressed_exchange{std::move(*to), std::move(x)};
  }

  std::unique_ptr<client_connection> take(const http_address& to) {
    std::lock_guard lock(mutex_);
    const auto oldest = std::chrono::steady_clock::now() - longest_idle;
    std::erase_if(idle_, [&](const auto& c) { return c->idle_since() < oldest; });
    while (true) {
      auto found =
          std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& c) { return c->goes_to(to); });
      if (found == idle_.rend()) return nullptr;
      auto connection = std::move(*found);
      idle_.erase(std::next(found).base());
      if (connection->still_open()) return connection;
    }
  }

  void give_back(std::unique_ptr<client_connection> connection) {
    std::lock_guard lock(mutex_);
    if (idle_.size() == most_idle) idle_.erase(idle_.begin());
    idle_.push_back(std::move(connection));
  }

  asio::ssl::context trust_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<client_connection>> idle_;  ///< the last used at the end
};

}  // namespace

result<std::shared_ptr<http_streamer>> make_http_client(const http_client_options& options) {
  auto client = std::make_shared<beast_client>(options.least_tls);
  if (!options.trust.empty()) {
    boost::system::error_code failed;
    client->trust().load_verify_file(options.trust.string(), failed);
    if (failed)
      return error{errc::invalid_request, "certificates `" + options.trust.string() +
                                              "` cannot be read: " + failed.message()};
  }
  return std::shared_ptr<http_streamer>(std::move(client));
}

}  // namespace troupe
