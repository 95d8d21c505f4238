#pragma once
// The ingress: one listening port for WebSocket, HTTP, the web page and the metrics
// (docs/protocol.md). It knows the system only through `gateway`, which must outlive it.

#include "pipeline/gateway.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

struct server_limits {
  std::size_t frame_bytes = 64 * 1024;       ///< one WebSocket message; beyond: close 1009
  std::size_t header_bytes = 16 * 1024;      ///< request line and header fields; beyond: 431
  std::size_t body_bytes = 1024 * 1024;      ///< beyond: 413
  std::size_t connections = 4096;            ///< beyond: 503
  std::size_t outgoing_bytes = 1024 * 1024;  ///< waiting for one client; beyond: it is cut off
  std::size_t outgoing_events = 1024;        ///< the same, counted
};

struct server_timeouts {
  std::chrono::milliseconds header{
      10'000};                              ///< from the first byte of a request to its last header
  std::chrono::milliseconds body{30'000};   ///< and from there to the end of its body
  std::chrono::milliseconds idle{60'000};   ///< between two requests
  std::chrono::milliseconds write{30'000};  ///< one write that makes no progress
  std::chrono::milliseconds ping{20'000};   ///< silence after which a WebSocket is pinged;
                                            ///< twice that and it is closed
  std::chrono::milliseconds linger{2'000};  ///< for the client to read the last answer
};

struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any free one, see `server::port`
  int threads = 2;
  server_limits limits;
  server_timeouts timeouts;
  std::string graph_name;  ///< the model's name in the OpenAI-compatible interface
  /// Origins of web pages that may open a WebSocket besides the server's own; "*": all.
  std::vector<std::string> allowed_origins;
  bool quiet = false;  ///< log nothing
};

class server {
 public:
  /// Listens and serves when it returns. `invalid_request`: the address is none;
  /// `unavailable`: it cannot be listened on.
  static result<std::unique_ptr<server>> start(server_options options, gateway& gate);

  ~server();  ///< stops
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  std::uint16_t port() const;
  /// The server is about to end: `/ready` says so, connections end with their next answer, and no
  /// WebSocket is opened. Requests are still answered.
  void drain();
  /// Takes no new connections; those that exist are answered, then closed between two requests.
  void stop_accepting();
  /// Ends all connections, politely within `timeouts.linger`, and joins the threads. Runs go on.
  void stop();

 private:
  struct state;
  explicit server(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace troupe
