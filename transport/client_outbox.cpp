#include "transport/client_outbox.hpp"

namespace troupe {

namespace {

/// A buffer that once held a burst is not kept for a client that is quiet again.
constexpr std::size_t kept_capacity = 16 * 1024;
constexpr std::size_t room_for_control = 64 * 1024;

}  // namespace

bool client_outbox::must_wake() noexcept {
  return bytes_taken_ == 0 && !std::exchange(woken_, true);
}

bool client_outbox::append(std::string_view a, std::string_view b, std::string_view c) {
  bool wake = false, taken = true;
  {
    std::lock_guard lock(mutex_);
    if (closed_ || cut_ || stage_ == stage::finished) return false;
    auto bytes = waiting_.size() + bytes_taken_ + a.size() + b.size() + c.size();
    if (bytes > limits_.bytes || messages_waiting_ + messages_taken_ + 1 > limits_.messages) {
      cut_ = true;
      taken = false;
      waiting_.clear();
      messages_waiting_ = 0;
      wake = !std::exchange(woken_, true);
    } else {
      waiting_.append(a).append(b).append(c);
      ++messages_waiting_;
      stage_ = stage::speaking;
      wake = must_wake();
    }
  }
  if (wake) wake_();
  return taken;
}

template <class Allowed>
bool client_outbox::say(std::string_view bytes, stage next, Allowed allowed) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_ || !allowed()) return false;
    waiting_.append(bytes);
    stage_ = next;
    wake = must_wake();
  }
  if (wake) wake_();
  return true;
}

bool client_outbox::append_control(std::string_view bytes) {
  return say(bytes, stage::speaking, [&] {
    return stage_ != stage::finished &&
           waiting_.size() + bytes_taken_ <= limits_.bytes + room_for_control;
  });
}

bool client_outbox::answer(std::string_view bytes) {
  return say(bytes, stage::finished, [&] { return stage_ == stage::silent; });
}

bool client_outbox::finish(std::string_view bytes) {
  return say(bytes, stage::finished, [&] { return stage_ != stage::finished; });
}

bool client_outbox::take(std::string& bytes) {
  if (bytes.capacity() > kept_capacity) bytes = {};
  bytes.clear();
  std::lock_guard lock(mutex_);
  woken_ = false;
  if (closed_) return false;
  bytes.swap(waiting_);
  bytes_taken_ = bytes.size();
  messages_taken_ = std::exchange(messages_waiting_, 0);
  return bytes_taken_ != 0;
}

bool client_outbox::has_room() const {
  std::lock_guard lock(mutex_);
  return waiting_.size() + bytes_taken_ <= limits_.bytes / 8 &&
         messages_waiting_ + messages_taken_ <= limits_.messages / 8;
}

void client_outbox::cut() {
  {
    std::lock_guard lock(mutex_);
    if (closed_ || std::exchange(cut_, true)) return;
    waiting_.clear();
    messages_waiting_ = 0;
    if (std::exchange(woken_, true)) return;
  }
  wake_();
}

bool client_outbox::was_cut() const {
  std::lock_guard lock(mutex_);
  return cut_;
}

bool client_outbox::finished() const {
  std::lock_guard lock(mutex_);
  return stage_ == stage::finished;
}

bool client_outbox::finished_and_written() const {
  std::lock_guard lock(mutex_);
  return stage_ == stage::finished && waiting_.empty() && bytes_taken_ == 0;
}

void client_outbox::restart() {
  std::lock_guard lock(mutex_);
  stage_ = stage::silent;
}

void client_outbox::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_ = {};
}

}  // namespace troupe
