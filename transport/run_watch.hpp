#pragma once
// What all sinks of one run share: its clock, its error, and its form as a server-sent event.

#include "transport/metrics.hpp"
#include "transport/web_message.hpp"

#include "pipeline/event.hpp"

namespace troupe {

/// Measures a run from its request to its end.
class run_watch {
 public:
  explicit run_watch(std::shared_ptr<transport_metrics> metrics) : metrics_(std::move(metrics)) {}
  void ended(run_outcome outcome) {
    metrics_->run_ended(outcome, std::chrono::steady_clock::now() - started_);
  }

 private:
  std::shared_ptr<transport_metrics> metrics_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// The error that an event of kind `error` tells.
error error_of(const event& e);

/// 202: the run of this event waits for a decision; where it can be looked up.
web_response waiting_response(const event& e);

/// Whether an Accept header names text/event-stream.
bool accepts_event_stream(std::string_view accept) noexcept;
web_response event_stream_head();
/// `event: TYPE`, `id: SEQ` (not for `accepted`, which has none), `data: JSON`, an empty line.
std::string to_sse(const event& e);

}  // namespace troupe
