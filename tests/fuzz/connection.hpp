#pragma once
// One connection of the ingress without a network: the real sessions on one end of a pair of
// sockets, a client's bytes on the other, all on one thread.

#include "support/fake_gateway.hpp"
#include "transport/http_session.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace troupe::test {

class fuzzed_connection {
 public:
  fuzzed_connection() : service_(std::make_shared<service>(options(), gate_, names())) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) std::abort();
    client_ = ends[1];
    boost::asio::ip::tcp::socket socket(home().context(), boost::asio::ip::tcp::v4(), ends[0]);
    auto session = std::make_shared<http_session>(std::move(socket), shared_home(), service_);
    home().add(session);
    session->start();
    home().context().restart();
    home().context().poll();
  }

  ~fuzzed_connection() { ::close(client_); }
  fuzzed_connection(const fuzzed_connection&) = delete;
  fuzzed_connection& operator=(const fuzzed_connection&) = delete;

  /// What the server says meanwhile is kept.
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(client_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      home().context().poll();
      const bool stuck = sent <= 0 && service_->connections == 0;
      read();
      if (stuck) return;
    }
  }

  /// The client says that nothing more will come. True if the server has ended its side too and
  /// holds nothing of the connection any more.
  bool hang_up() {
    ::shutdown(client_, SHUT_WR);
    for (int i = 0; i < 16 && service_->connections > 0; ++i) {
      home().context().poll();
      read();
    }
    return service_->connections == 0;
  }

  const std::string& said() const noexcept { return said_; }
  fake_gateway& gate() noexcept { return gate_; }

 private:
  static server_options options() {
    server_options o;
    o.quiet = true;
    o.graph_name = "fake";
    return o;
  }
  static std::vector<std::string_view> names() {
    std::vector<std::string_view> all;
    for (const route& r : routes()) all.push_back(r.pattern);
    return all;
  }
  static const std::shared_ptr<io_thread>& shared_home() {
    static const auto thread = std::make_shared<io_thread>(std::chrono::milliseconds(250));
    return thread;
  }
  static io_thread& home() { return *shared_home(); }

  void read() {
    char bytes[16 * 1024];
    for (ssize_t n; (n = ::recv(client_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      said_.append(bytes, static_cast<std::size_t>(n));
  }

  fake_gateway gate_;
  std::shared_ptr<service> service_;
  int client_ = -1;
  std::string said_;
};

}  // namespace troupe::test
