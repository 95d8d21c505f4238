#include "transport/websocket_sink.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

/// Runs whose end never comes (another graph, a lost client) must not gather here.
constexpr std::size_t most_watched = 64;

/// RFC 6455, 5.2: the header of an unmasked, unfragmented text frame.
struct frame_header {
  explicit frame_header(std::size_t payload) {
    bytes[0] = static_cast<char>(0x81);
    if (payload < 126) {
      bytes[1] = static_cast<char>(payload);
      size = 2;
      return;
    }
    std::size_t length_bytes = payload < 65536 ? 2 : 8;
    bytes[1] = payload < 65536 ? 126 : 127;
    for (std::size_t i = 0; i < length_bytes; ++i)
      bytes[2 + i] = static_cast<char>(payload >> (8 * (length_bytes - 1 - i)));
    size = 2 + length_bytes;
  }

  std::string_view view() const { return {bytes.data(), size}; }

  std::array<char, 10> bytes{};
  std::size_t size;
};

}  // namespace

websocket_sink::websocket_sink(std::shared_ptr<outbox> out,
                               std::shared_ptr<transport_metrics> metrics)
    : out_(std::move(out)), metrics_(std::move(metrics)) {}

bool websocket_sink::send(std::string_view json) {
  if (!out_->append(frame_header(json.size()).view(), json)) return false;
  metrics_->websocket_message(direction::out);
  return true;
}

bool websocket_sink::deliver(const event_ptr& e) {
  watch(*e);
  return e->json.empty() ? send(to_json(*e)) : send(e->json);
}

void websocket_sink::send_error(const error& e, std::string run) {
  event frame;
  frame.kind = event_kind::error;
  frame.run = std::move(run);
  frame.code = e.code;
  frame.text = e.message;
  if (e.retry_after) frame.retry_after_ms = e.retry_after->count();
  send(to_json(frame));
}

void websocket_sink::watch(const event& e) {
  if (e.kind == event_kind::accepted) {
    std::lock_guard lock(mutex_);
    if (open_runs_.size() == most_watched) open_runs_.erase(open_runs_.begin());
    open_runs_.emplace_back(e.run, steady::now());
  } else if (e.kind == event_kind::final || e.kind == event_kind::error) {
    std::lock_guard lock(mutex_);
    auto run =
        std::ranges::find(open_runs_, e.run, &std::pair<std::string, steady::time_point>::first);
    if (run == open_runs_.end()) return;
    metrics_->run_ended(e.kind == event_kind::final ? run_outcome::finished : run_outcome::failed,
                        steady::now() - run->second);
    open_runs_.erase(run);
  }
}

}  // namespace troupe
