#pragma once
// The durable key-value store behind journal and state. Keys are bytes, ordered.

#include "pipeline/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Column families. Key layouts are in journal.hpp.
enum class family : std::uint8_t {
  runs, steps, active, conversations, turns, events, messages, feedback, dead_letters, graphs,
  reviews, timers, count
};
std::string_view name_of(family f) noexcept;

struct write_op {
  enum class kind_type : std::uint8_t { put, erase, erase_range /* [key, value) */ };
  kind_type kind = kind_type::put;
  troupe::family family = family::runs;
  std::string key;
  std::string value;
};

using write_batch = std::vector<write_op>;

enum class durability : std::uint8_t {
  written,  ///< survives the process (kill -9)
  synced,   ///< survives the machine
};

/// Thread-safe.
class store {
 public:
  virtual ~store() = default;
  /// All or nothing.
  virtual result<void> write(write_batch batch, durability level) = 0;
  virtual result<std::optional<std::string>> get(family f, std::string_view key) const = 0;
  /// Calls `each` for all keys >= `from` that begin with `prefix`, in order, until it says false.
  virtual result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view key, std::string_view value)>& each) const = 0;
};

/// In memory: tests, `troupe run`, benchmarks.
std::unique_ptr<store> make_memory_store();
/// RocksDB in `folder`, which is made if it is missing. Errors: locked by another process,
/// unreadable, written by a newer version.
result<std::unique_ptr<store>> open_rocksdb_store(const std::filesystem::path& folder);

/// The same folder as it is now, to be read; also while another process writes to it. What that
/// process writes later is not seen. Errors: there is no store, or it cannot be read.
result<std::unique_ptr<store>> open_rocksdb_reader(const std::filesystem::path& folder);

}  // namespace troupe
