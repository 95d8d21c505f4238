#pragma once
// What the ingress counts, in Prometheus text format. All methods are thread-safe.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

enum class connection_kind : unsigned char { http, websocket };
enum class run_outcome : unsigned char { finished, failed };
enum class direction : unsigned char { in, out };

class transport_metrics {
 public:
  /// `routes`: one label per route, in the order of the route table; one more stands for requests
  /// that met no route.
  explicit transport_metrics(std::vector<std::string_view> routes);
  ~transport_metrics();

  void connection_opened(connection_kind kind);
  void connection_closed(connection_kind kind);
  void connection_refused();
  void request(std::size_t route, int status);
  void websocket_message(direction d);
  void client_cut();
  /// From `accepted` over a WebSocket, from the request over HTTP, to `final` or `error`.
  void run_ended(run_outcome outcome, std::chrono::steady_clock::duration took);

  std::string text() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace troupe
