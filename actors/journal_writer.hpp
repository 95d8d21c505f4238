#pragma once
// The one writer of the store. Appends of all conversations that arrive while a write is under way
// go into the next one together, so the price of a sync is shared by all that wait for it.

#include "pipeline/store.hpp"

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

  /// Batches are written in the order of the calls. In direct mode `done` is called before
  /// `append` returns.
  void append(write_batch batch, durability level, completion done);

  /// Entries that wait, and in stepped mode the way to write the oldest as one group.
  std::size_t waiting() const;
  void write_oldest(std::size_t count);

  /// The last write's error, if it failed: the server is then not ready.
  std::optional<error> trouble() const;

 private:
  struct entry {
    write_batch batch;
    durability level;
    completion done;
  };
  void work();
  void write(std::vector<entry>& group);

  store& store_;
  mode mode_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<entry> queue_;
  std::optional<error> trouble_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe
