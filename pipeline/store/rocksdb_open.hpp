#pragma once
// How a store's database is opened: what is mended first, how RocksDB is set up, and what is said
// when it cannot be. Private to pipeline/store.

#include "pipeline/store.hpp"

#include <rocksdb/db.h>

namespace troupe {

inline constexpr std::string_view damaged_store =
    "a file of the store is missing or damaged: restore the folder from a backup "
    "(docs/operations.md, `Faults`)";

/// A database and its families; closed when it goes.
struct opened_db {
  opened_db(rocksdb::DB* d, std::vector<rocksdb::ColumnFamilyHandle*> h)
      : db(d), handles(std::move(h)) {}
  ~opened_db() {
    for (auto* handle : handles)
      if (handle) db->DestroyColumnFamilyHandle(handle);
  }
  opened_db(const opened_db&) = delete;
  opened_db& operator=(const opened_db&) = delete;
  /// nullptr: the store is read, and was written before there was such a family.
  rocksdb::ColumnFamilyHandle* handle(family f) const {
    return handles[static_cast<std::size_t>(f)];
  }

  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
};

/// `report` gets a sentence for everything that was found damaged and left out.
result<std::unique_ptr<opened_db>> open_db(const std::filesystem::path& folder,
                                           const std::function<void(std::string_view)>& report);
/// For reading only, also while another process writes.
result<std::unique_ptr<opened_db>> read_db(const std::filesystem::path& folder);

}  // namespace troupe
