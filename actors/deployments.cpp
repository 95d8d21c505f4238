#include "actors/deployments.hpp"

#include <algorithm>

namespace troupe {

deployments::lease deployments::lend(std::shared_ptr<deployment> d, caf::actor supervisor) {
  auto* what = d.get();
  return {what, [d = std::move(d), supervisor = std::move(supervisor)](deployment*) {
            caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
          }};
}

deployments::lease deployments::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

void deployments::make_current(lease d) {
  std::lock_guard lock(mutex_);
  std::erase_if(by_hash_, [](const auto& known) { return known.second.expired(); });
  by_hash_.emplace(d->plan->hash, d);
  current_.swap(d);
}

void deployments::park(const std::string& run, lease d) {
  std::lock_guard lock(mutex_);
  if (!find_locked(d->plan->hash)) by_hash_.emplace(d->plan->hash, d);
  parked_[run] = std::move(d);
}

deployments::lease deployments::take(const std::string& run, const std::string& hash) {
  std::lock_guard lock(mutex_);
  if (auto kept = parked_.extract(run)) return std::move(kept.mapped());
  return find_locked(hash);
}

void deployments::forget(const std::string& run) {
  lease last;  // its end sends stages home, which is not for under the lock
  std::lock_guard lock(mutex_);
  if (auto it = parked_.find(run); it != parked_.end()) {
    last = std::move(it->second);
    parked_.erase(it);
  }
}

deployments::lease deployments::find(const std::string& hash) const {
  std::lock_guard lock(mutex_);
  return find_locked(hash);
}

deployments::lease deployments::find_locked(const std::string& hash) const {
  if (current_ && current_->plan->hash == hash) return current_;
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it)
    if (auto d = it->second.lock()) return d;
  return nullptr;
}

std::size_t deployments::alive() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      by_hash_.begin(), by_hash_.end(), [](const auto& known) { return !known.second.expired(); }));
}

void deployments::clear() {
  std::lock_guard lock(mutex_);
  parked_.clear();
  by_hash_.clear();
  current_ = nullptr;
}

}  // namespace troupe
