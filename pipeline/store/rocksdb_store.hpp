#pragma once
// Opening a store, and being told what had to be mended for it.

#include "pipeline/store.hpp"

namespace troupe {

/// As `open_rocksdb_store(folder)`, which tells std::clog. `report` gets a sentence for everything
/// that was found damaged and left out.
result<std::unique_ptr<store>> open_rocksdb_store(
    const std::filesystem::path& folder, const std::function<void(std::string_view)>& report);

}  // namespace troupe
