#include "actors/journal_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe {

journal_writer::journal_writer(store& s, mode m) : store_(s), mode_(m) {
  if (mode_ == mode::grouped) thread_ = std::thread([this] { work(); });
}

journal_writer::~journal_writer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (mode_ == mode::stepped) write_oldest(queue_.size());
}

void journal_writer::append(write_batch batch, durability level, completion done) {
  if (mode_ == mode::direct) {
    auto outcome = store_.write(std::move(batch), level);
    if (done) done(std::move(outcome));
    return;
  }
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = queue_.empty();
    queue_.push_back({std::move(batch), level, std::move(done)});
  }
  if (first) wake_.notify_one();
}

std::optional<error> journal_writer::trouble() const {
  std::lock_guard lock(mutex_);
  return trouble_;
}

std::size_t journal_writer::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void journal_writer::write_oldest(std::size_t count) {
  std::vector<entry> group;
  {
    std::lock_guard lock(mutex_);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(count, queue_.size()));
    group.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  if (!group.empty()) write(group);
}

void journal_writer::work() {
  std::vector<entry> group;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      group.swap(queue_);
    }
    write(group);
    group.clear();
  }
}

void journal_writer::write(std::vector<entry>& group) {
  write_batch all;
  auto level = durability::written;
  for (entry& e : group) {
    if (e.level == durability::synced) level = durability::synced;
    all.insert(all.end(), std::make_move_iterator(e.batch.begin()),
               std::make_move_iterator(e.batch.end()));
  }
  const auto outcome = store_.write(std::move(all), level);
  {
    std::lock_guard lock(mutex_);
    trouble_ = outcome ? std::nullopt : std::optional<error>(outcome.error());
  }
  for (entry& e : group)
    if (e.done) e.done(outcome);
}

}  // namespace troupe
