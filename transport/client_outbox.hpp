#pragma once
// The bytes on their way to one client. Any thread appends whole messages; the connection's own
// thread takes everything that has gathered and writes it in one go. Bounded: a client that does
// not read is cut off instead of filling the memory or holding anybody up.

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

struct outbox_limits {
  std::size_t bytes;
  std::size_t messages;
};

class client_outbox {
 public:
  explicit client_outbox(outbox_limits limits) : limits_(limits) {}
  /// Before anything is appended. `wake` runs on an appending thread when there is something to
  /// take and nothing is being written; it must lead to `take` on the connection's thread.
  void wake_by(std::function<void()> wake) { wake_ = std::move(wake); }

  /// One message in up to three pieces. False: over the bound or closed. The append that goes over
  /// the bound cuts the outbox: what nobody took is forgotten, and everything after it refused.
  bool append(std::string_view a, std::string_view b = {}, std::string_view c = {});
  /// What the protocol itself has to say (a handshake, a pong, a head): it has some room beyond the
  /// bound. False: a client that makes the server talk and does not read has used that up too.
  bool append_control(std::string_view bytes);
  /// All there is to say until `restart`. False, and not taken, if something was said already.
  bool answer(std::string_view bytes);
  /// The end of what was said since `restart`; nothing follows it.
  bool finish(std::string_view bytes);

  /// Swaps what has gathered into `bytes`; what was taken before is now written. False: nothing.
  bool take(std::string& bytes);
  /// Little enough waits that more may be offered; a client that takes less is offered less.
  bool has_room() const;
  /// As if it had gone over the bound.
  void cut();
  bool was_cut() const;
  /// An answer was given or finished; `finished_and_written`: and nothing of it is left.
  bool finished() const;
  bool finished_and_written() const;
  /// Ready for the next answer of the same connection.
  void restart();
  /// Nothing is appended or taken any more.
  void close();

 private:
  enum class stage : unsigned char { silent, speaking, finished };

  /// Appends and wakes if `allowed()`, which is asked under the lock, says so.
  template <class Allowed>
  bool say(std::string_view bytes, stage next, Allowed allowed);
  /// True if the appender has to wake the connection. Locked.
  bool must_wake() noexcept;

  const outbox_limits limits_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::string waiting_;
  std::size_t messages_waiting_ = 0;
  std::size_t bytes_taken_ = 0;
  std::size_t messages_taken_ = 0;
  stage stage_ = stage::silent;
  bool woken_ = false;
  bool cut_ = false;
  bool closed_ = false;
};

}  // namespace troupe
