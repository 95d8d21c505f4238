#pragma once
// The end of the write-ahead log. A power cut can leave a torn record there, or sectors that were
// never written; RocksDB passes over the first in silence and refuses to open for the second. Here
// both are found beforehand, cut off, kept aside, and told. Damage with whole records behind it is
// another matter: what follows was promised, so that is an error.
//
// Format of the log: https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format

#include "pipeline/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace troupe {

struct wal_damage {
  std::filesystem::path file;
  std::uint64_t offset = 0;  ///< where the first record begins that is not whole
  std::uint64_t size = 0;    ///< of the file
  bool followed = false;     ///< whole records come behind it, in this file or a later one
};

/// Looks through the logs of a store that no process has open.
std::optional<wal_damage> find_wal_damage(const std::filesystem::path& folder);

/// Cuts a damaged end off, after having copied it beside the file, and says what was done. Nothing:
/// there was no damage. Error: it is not at the end, or the file cannot be changed.
result<std::optional<std::string>> mend_wal_tail(const std::filesystem::path& folder);

}  // namespace troupe
