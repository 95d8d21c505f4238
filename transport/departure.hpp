#pragma once
// What an HTTP request does when its client goes away before its run has ended: the run is told.

#include "pipeline/gateway.hpp"
#include "transport/web_message.hpp"

#include <mutex>

namespace troupe {

/// Between a sink, which learns the run's id, and a connection, which learns that it is closed.
/// Either may come first. Thread-safe.
class departure : public std::enable_shared_from_this<departure> {
 public:
  departure(gateway& gate, std::string conversation)
      : gate_(gate), conversation_(std::move(conversation)) {}

  void watch(responder& answer) {
    answer.when_gone([self = shared_from_this()] { self->note({}, true); });
  }
  void accepted(const std::string& run) { note(run, false); }

 private:
  void note(const std::string& run, bool gone) {
    std::string left;
    {
      std::lock_guard lock(mutex_);
      if (!run.empty()) run_ = run;
      gone_ = gone_ || gone;
      if (gone_ && !told_ && !run_.empty()) {
        told_ = true;
        left = run_;
      }
    }
    if (!left.empty()) gate_.client_left(conversation_, left);
  }

  gateway& gate_;
  const std::string conversation_;
  std::mutex mutex_;
  std::string run_;
  bool gone_ = false;
  bool told_ = false;
};

/// For a submission that may have to be cancelled with its client; others need none.
inline std::shared_ptr<departure> departure_of(gateway& gate, const submission& s,
                                               responder& answer) {
  if (s.left == when_left::continues) return nullptr;
  auto d = std::make_shared<departure>(gate, s.conversation);
  d->watch(answer);
  return d;
}

}  // namespace troupe
