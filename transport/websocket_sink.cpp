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

websocket_sink::websocket_sink(std::shared_ptr<client_outbox> out,
                               std::shared_ptr<transport_metrics> metrics)
    : out_(std::move(out)), metrics_(std::move(metrics)) {}

bool websocket_sink::send(std::string_view json) {
  if (!out_->append(frame_header(json.size()).view(), json)) return false;
  metrics_->websocket_message(direction::out);
  return true;
}

std::optional<std::uint64_t> websocket_sink::catch_up() {
  std::lock_guard lock(mutex_);
  if (!missed_from_) return std::nullopt;
  next_expected_ = std::exchange(missed_from_, std::nullopt);
  return *next_expected_ - 1;
}

bool websocket_sink::takes(const event& e) {
  std::unique_lock lock(mutex_);
  // An answer to this client alone, or the end of a run told once more.
  if (e.seq <= last_seq_) return true;
  if (missed_from_) return e.seq < *missed_from_;
  if (next_expected_ && e.seq > *next_expected_) {
    // The journal has dropped what this client should have read long ago.
    lock.unlock();
    out_->cut();
    return false;
  }
  if (!out_->has_room()) {
    missed_from_ = e.seq;
    lock.unlock();
    // All may have been written just now, and nothing else would ask for the rest.
    if (wake_) wake_();
    return false;
  }
  next_expected_.reset();
  last_seq_ = std::max(last_seq_, e.seq);
  return true;
}

bool websocket_sink::deliver(const event_ptr& e) {
  if (!takes(*e)) return false;
  watch(*e);
  // Each message is either accepted or refused.
  if (e->kind == event_kind::accepted ||
      (e->kind == event_kind::error && e->seq == 0 && e->run.empty()))
    answered();
  return e->json.empty() ? send(to_json(*e)) : send(e->json);
}

void websocket_sink::answered() {
  // Others may be told of a message that this client did not send: it owes nothing then.
  int before = owed_;
  while (before > 0 && !owed_.compare_exchange_weak(before, before - 1)) {
  }
  if (before == most_owed && wake_) wake_();
}

std::vector<std::string> websocket_sink::take_open_runs() {
  std::lock_guard lock(mutex_);
  std::vector<std::string> runs;
  for (auto& [run, since] : open_runs_) runs.push_back(std::move(run));
  open_runs_.clear();
  return runs;
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
