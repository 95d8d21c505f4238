#pragma once
// Takes the events of a conversation and puts them, as frames, into the outbox of its client. When
// enough waits there it takes no more: events wait in the journal, where they are anyway, and are
// asked for again from there when the client has read what it had.

#include "transport/client_outbox.hpp"
#include "transport/metrics.hpp"

#include "pipeline/event.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

class websocket_sink final : public event_sink {
 public:
  websocket_sink(std::shared_ptr<client_outbox> out, std::shared_ptr<transport_metrics> metrics);

  /// False for an event that waits in the journal: see `catch_up`.
  bool deliver(const event_ptr& e) override;
  /// If events wait in the journal: the `seq` after which they have to be asked for, which the
  /// caller does now.
  std::optional<std::uint64_t> catch_up();
  /// Before anything is delivered. `wake` runs on any thread when `owes` has become less than
  /// `most_owed`; it must lead to more being read, on the connection's thread.
  void wake_by(std::function<void()> wake) { wake_ = std::move(wake); }
  /// A client that asks for more than this is not read from until some of it is answered.
  static constexpr int most_owed = 32;
  /// Something was asked that is going to be answered once; `answered` says that it was.
  void asked() noexcept { ++owed_; }
  void answered();
  int owes() const noexcept { return owed_; }
  /// Runs of this client that have not ended; they are forgotten here.
  std::vector<std::string> take_open_runs();

  /// One text frame. False: the client is gone or too slow.
  bool send(std::string_view json);
  /// An error frame; `run` may be empty.
  void send_error(const error& e, std::string run = "");

 private:
  using steady = std::chrono::steady_clock;

  /// Measures the runs that this client started, from `accepted` to their end.
  void watch(const event& e);

  const std::shared_ptr<client_outbox> out_;
  const std::shared_ptr<transport_metrics> metrics_;
  std::function<void()> wake_;
  std::atomic<int> owed_ = 0;
  bool takes(const event& e);

  std::mutex mutex_;
  std::uint64_t last_seq_ = 0;                  ///< the newest that was taken
  std::optional<std::uint64_t> missed_from_;    ///< the first that waits in the journal
  std::optional<std::uint64_t> next_expected_;  ///< after having asked for it
  std::vector<std::pair<std::string, steady::time_point>> open_runs_;
};

}  // namespace troupe
