#pragma once
// What every connection and every route share.

#include "transport/metrics.hpp"
#include "transport/server.hpp"

#include <atomic>

namespace troupe {

struct service {
  server_options options;
  gateway& gate;
  std::shared_ptr<transport_metrics> metrics;  ///< shared with sinks, which may outlive the server
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  std::atomic<bool> draining = false;  ///< connections end with their next answer
};

}  // namespace troupe
