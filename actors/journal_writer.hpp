#pragma once
// The one writer of the store. Appends of all conversations that arrive while a write is under way
// go into the next one together, so the price of a sync is shared by all that wait for it.
//
// When the store refuses a write, whoever appended it is ahead of what is on disk, and so is what
// it appended behind it. So each refusal begins a new *term*: an append that names an older term is
// refused as well, until its owner has gone back to what the store holds.

#include "pipeline/store.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace troupe {

class journal_writer {
 public:
  using completion = std::function<void(result<void>)>;
  enum class mode : std::uint8_t {
    grouped,  ///< own thread; `done` is called there
    direct,   ///< on the caller's thread: for stores that cannot block
    stepped,  ///< when `write_oldest` is called: for the simulation
  };

  journal_writer(store& s, mode m);
  /// Writes what is queued, then ends.
  ~journal_writer();

  mode how() const noexcept { return mode_; }

  /// The present term. Whoever builds on what it appended before reads it before it reads the
  /// store.
  std::uint64_t term() const noexcept { return term_.load(std::memory_order_acquire); }

  /// Batches are written in the order of the calls. In direct mode `done` is called before
  /// `append` returns. `term`: that of an owner of a sequence of batches; not given: this batch
  /// stands for itself. `done` may get any error of the store, or `unavailable` for an old term.
  void append(write_batch batch, durability level, completion done,
              std::optional<std::uint64_t> term = std::nullopt);

  /// Entries that wait, and in stepped mode the way to write the oldest as one group.
  std::size_t waiting() const;
  void write_oldest(std::size_t count);

  /// The last write's error, if it failed: the server is then not ready.
  std::optional<error> trouble() const;
  /// Whoever finds trouble asks whether it is over: a write that changes nothing is tried, unless
  /// one is under way.
  void probe();

 private:
  struct entry {
    write_batch batch;
    durability level = durability::written;
    completion done;
    std::optional<std::uint64_t> term;
    bool stale = false;
  };
  void work();
  void write(std::vector<entry>& group);
  result<void> write_to_store(write_batch batch, durability level);
  void note(const result<void>& outcome);

  store& store_;
  mode mode_;
  std::atomic<std::uint64_t> term_{1};
  std::atomic<bool> troubled_{false}, probing_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<entry> queue_;
  std::optional<error> trouble_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe
