#include "actors/journal_writer.hpp"

#include "pipeline/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe {

namespace {

/// A probe is as large as a run with a long text, so that it does not fit where that would not.
constexpr std::size_t probe_bytes = 64 * 1024;

write_batch probe_batch() {
  return {{write_op::kind_type::put, family::graphs, "probe", std::string(probe_bytes, '\0')},
          {write_op::kind_type::erase, family::graphs, "probe", {}}};
}

error behind_a_refusal() {
  return {errc::unavailable, "a write before this one was refused by the journal's store"};
}

}  // namespace

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

void journal_writer::append(write_batch batch, durability level, completion done,
                            std::optional<std::uint64_t> term) {
  if (mode_ == mode::direct) {
    if (term && *term != this->term()) {
      if (done) done(behind_a_refusal());
      return;
    }
    auto outcome = write_to_store(std::move(batch), level);
    note(outcome);
    if (done) done(std::move(outcome));
    return;
  }
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = queue_.empty();
    queue_.push_back({std::move(batch), level, std::move(done), term});
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

void journal_writer::probe() {
  if (!trouble() || probing_.exchange(true)) return;
  append(probe_batch(), durability::synced, [this](const result<void>&) { probing_ = false; });
}

/// A store may run out of memory, too: that is an answer, not the end of the thread.
result<void> journal_writer::write_to_store(write_batch batch, durability level) try {
  return store_.write(std::move(batch), level);
} catch (const std::exception& e) {
  return error{errc::internal, std::string("the journal cannot be written: ") + e.what()};
}

void journal_writer::note(const result<void>& outcome) {
  if (outcome && !troubled_.load(std::memory_order_relaxed)) return;
  std::lock_guard lock(mutex_);
  if (!outcome && !trouble_) log_error("{}", outcome.error().message);
  if (outcome) log_warning("the journal can be written again");
  trouble_ = outcome ? std::nullopt : std::optional<error>(outcome.error());
  troubled_.store(!outcome, std::memory_order_relaxed);
  // Before anybody hears of it, and before the next group.
  if (!outcome) term_.fetch_add(1, std::memory_order_release);
}

void journal_writer::write(std::vector<entry>& group) {
  const auto now = term();
  write_batch all;
  auto level = durability::written;
  bool any = false;
  for (entry& e : group) {
    e.stale = e.term && *e.term != now;
    if (e.stale) continue;
    any = true;
    if (e.level == durability::synced) level = durability::synced;
    all.insert(all.end(), std::make_move_iterator(e.batch.begin()),
               std::make_move_iterator(e.batch.end()));
  }
  result<void> outcome;
  if (any) note(outcome = write_to_store(std::move(all), level));
  for (entry& e : group) try {
      if (e.done) e.done(e.stale ? result<void>(behind_a_refusal()) : outcome);
    } catch (const std::exception& thrown) {
      log_critical("whoever waits for the journal was not told: {}", thrown.what());
    }
}

}  // namespace troupe
