#include "model/answer.hpp"

#include <algorithm>

namespace troupe {

bool answer::push(std::string_view bytes, double log_probability) {
  std::lock_guard lock(mutex_);
  if (abandoned_) return false;
  ++tokens_;
  log_probability_ += log_probability;
  if (auto text = stream_.push(bytes); !text.empty()) {
    pieces_.push_back(std::move(text));
    changed_.notify_one();
  }
  return !stream_.stopped();
}

void answer::count_last(double log_probability) {
  std::lock_guard lock(mutex_);
  ++tokens_;
  log_probability_ += log_probability;
}

void answer::end(result<finish_reason> how) {
  std::lock_guard lock(mutex_);
  end_ = std::move(how);
  changed_.notify_one();
}

result<generation> answer::wait(const std::stop_token& cancel, time_point deadline,
                                const std::function<void(std::string_view)>& on_text) {
  // Whatever happens here, the loop must not go on for nobody.
  struct leave {
    answer& a;
    ~leave() {
      std::lock_guard lock(a.mutex_);
      a.abandoned_ = true;
    }
  } at_end{*this};
  generation out;
  auto give = [&](const std::string& text) {
    if (text.empty()) return;
    out.text += text;
    if (on_text) on_text(text);
  };
  // A wait until the end of time would overflow the library's own clock.
  const auto latest = std::min(deadline, system_clock().now() + std::chrono::hours(24 * 365));
  std::optional<finish_reason> reason;
  while (!reason) {
    std::vector<std::string> fresh;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, cancel, latest - system_clock().now(),
                        [&] { return !pieces_.empty() || end_; });
      fresh.swap(pieces_);
      if (cancel.stop_requested())
        reason = finish_reason::cancelled;
      else if (end_ && !*end_)
        return end_->error();
      else if (end_)
        reason = **end_;
      else if (fresh.empty())
        reason = finish_reason::deadline;
    }
    for (const std::string& text : fresh) {
      if (cancel.stop_requested()) reason = finish_reason::cancelled;
      if (reason == finish_reason::cancelled) break;
      give(text);
    }
  }
  std::string rest;
  {
    std::lock_guard lock(mutex_);
    for (const std::string& text : pieces_) rest += text;
    rest += stream_.finish();
    out.output_tokens = tokens_;
    out.log_probability = log_probability_;
  }
  out.reason = *reason;
  if (out.reason != finish_reason::cancelled) give(rest);
  return out;
}

}  // namespace troupe
