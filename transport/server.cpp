#include "transport/server.hpp"

#include "pipeline/log.hpp"
#include "transport/http_session.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <future>

namespace troupe {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Above the bound, so many more are told that the server is full; beyond, they are just closed.
constexpr std::size_t most_refusals = 64;

/// How often deadlines are looked at: fine enough for the shortest of them.
std::chrono::milliseconds tick_of(const server_timeouts& t) {
  auto shortest = std::min({t.header, t.body, t.idle, t.write, t.ping, t.linger});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

std::vector<std::string_view> route_names() {
  std::vector<std::string_view> names;
  for (const route& r : routes()) names.push_back(r.pattern);
  return names;
}

error cannot_listen(const server_options& options, const error_code& ec) {
  return {errc::unavailable, "cannot listen on `" + options.address + ":" +
                                 std::to_string(options.port) + "`: " + ec.message() +
                                 "; is another program there? Choose another with --port"};
}

}  // namespace

struct server::state {
  std::shared_ptr<troupe::service> service;
  std::vector<std::shared_ptr<io_thread>> threads;
  std::unique_ptr<tcp::acceptor> acceptor;
  std::unique_ptr<asio::steady_timer> pause;
  std::uint16_t port = 0;
  std::size_t next = 0;
  bool accepting = true;
  bool stopped = false;

  error_code listen(const asio::ip::address& address, std::uint16_t wanted);
  void accept();
  void take(tcp::socket socket, const std::shared_ptr<io_thread>& home);
};

error_code server::state::listen(const asio::ip::address& address, std::uint16_t wanted) {
  error_code ec;
  tcp::endpoint endpoint(address, wanted);
  acceptor = std::make_unique<tcp::acceptor>(threads.front()->context());
  pause = std::make_unique<asio::steady_timer>(threads.front()->context());
  if (acceptor->open(endpoint.protocol(), ec)) return ec;
  if (acceptor->set_option(asio::socket_base::reuse_address(true), ec)) return ec;
  if (acceptor->bind(endpoint, ec)) return ec;
  if (acceptor->listen(asio::socket_base::max_listen_connections, ec)) return ec;
  port = acceptor->local_endpoint(ec).port();
  return ec;
}

void server::state::accept() {
  const auto& home = threads[next++ % threads.size()];
  acceptor->async_accept(home->context(), [this, home](const error_code& ec, tcp::socket socket) {
    if (!acceptor->is_open()) return;
    if (!ec) {
      try {
        take(std::move(socket), home);
      } catch (const std::exception& e) {
        log_error("a connection cannot be taken: {}", e.what());
      }
      return accept();
    }
    // Out of file descriptors, usually: connections that end give some back.
    if (!service->options.quiet) log_warning("cannot accept a connection: {}", ec.message());
    pause->expires_after(std::chrono::milliseconds(100));
    pause->async_wait([this](const error_code& stopped_early) {
      if (!stopped_early && acceptor->is_open()) accept();
    });
  });
}

void server::state::take(tcp::socket socket, const std::shared_ptr<io_thread>& home) {
  auto open = service->connections.load(), most = service->options.limits.connections;
  if (open >= most + most_refusals) return;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto session = std::make_shared<http_session>(std::move(socket), home, service);
  asio::post(home->context(), [session, home, full = open >= most] {
    home->add(session);
    if (full)
      session->refuse();
    else
      session->start();
  });
}

result<std::unique_ptr<server>> server::start(server_options options, gateway& gate) {
  error_code ec;
  auto address = asio::ip::make_address(options.address, ec);
  if (ec)
    return error{errc::invalid_request, "`" + options.address +
                                            "` is not an address; try `127.0.0.1` (this machine "
                                            "only), `0.0.0.0` or `::` (every network)"};
  auto s = std::make_unique<state>();
  auto tick = tick_of(options.timeouts);
  for (int i = 0; i < std::max(1, options.threads); ++i)
    s->threads.push_back(std::make_shared<io_thread>(tick));
  s->service = std::make_shared<service>(std::move(options), gate, route_names());
  if (auto failed = s->listen(address, s->service->options.port))
    return cannot_listen(s->service->options, failed);
  s->accept();
  for (const auto& t : s->threads) t->start();
  return std::unique_ptr<server>(new server(std::move(s)));
}

server::server(std::unique_ptr<state> s) : state_(std::move(s)) {}

server::~server() { stop(); }

std::uint16_t server::port() const { return state_->port; }

void server::drain() { state_->service->draining = true; }

void server::stop_accepting() {
  drain();
  if (!std::exchange(state_->accepting, false)) return;
  std::promise<void> closed;
  asio::post(state_->threads.front()->context(), [&] {
    error_code ignored;
    state_->acceptor->close(ignored);
    state_->pause->cancel();
    closed.set_value();
  });
  closed.get_future().wait();
}

void server::stop() {
  if (std::exchange(state_->stopped, true)) return;
  stop_accepting();
  for (const auto& t : state_->threads) t->stop(state_->service->options.timeouts.linger);
  for (const auto& t : state_->threads) t->join();
}

}  // namespace troupe
