#pragma once
// Takes the events of a conversation and puts them, as frames, into the outbox of its client.

#include "transport/metrics.hpp"
#include "transport/outbox.hpp"

#include "pipeline/event.hpp"

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

namespace troupe {

class websocket_sink final : public event_sink {
 public:
  websocket_sink(std::shared_ptr<outbox> out, std::shared_ptr<transport_metrics> metrics);

  bool deliver(const event_ptr& e) override;
  /// One text frame. False: the client is gone or too slow.
  bool send(std::string_view json);
  /// An error frame; `run` may be empty.
  void send_error(const error& e, std::string run = "");

 private:
  using steady = std::chrono::steady_clock;

  /// Measures the runs that this client started, from `accepted` to their end.
  void watch(const event& e);

  const std::shared_ptr<outbox> out_;
  const std::shared_ptr<transport_metrics> metrics_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, steady::time_point>> open_runs_;
};

}  // namespace troupe
