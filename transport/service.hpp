#pragma once
// What every connection and every route share.

#include "transport/metrics.hpp"
#include "transport/server.hpp"

#include <atomic>

namespace troupe {

struct service {
  service(server_options o, gateway& g, std::vector<std::string_view> route_names)
      : options(std::move(o)),
        gate(g),
        metrics(std::make_shared<transport_metrics>(std::move(route_names))) {}

  const server_options options;
  gateway& gate;
  const std::shared_ptr<transport_metrics> metrics;  ///< sinks may outlive the server
  const std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  std::atomic<bool> draining = false;        ///< connections end with their next answer
  std::atomic<std::size_t> connections = 0;  ///< of all kinds
};

}  // namespace troupe
