#pragma once
// A stretch of a store as records, for the readers of each kind.

#include "pipeline/store.hpp"

#include <limits>

namespace troupe {

inline constexpr std::size_t every_record = std::numeric_limits<std::size_t>::max();

/// The first `limit` records of `f` whose keys begin with `prefix` and are not before `from`, in
/// order. Error: that of the store, or of the first record that cannot be decoded.
template <class Record>
result<std::vector<Record>> scan_records(const store& s, family f, std::string_view prefix,
                                         std::string_view from, std::size_t limit,
                                         result<Record> (*decode)(std::string_view)) {
  std::vector<Record> found;
  std::optional<error> failure;
  if (limit == 0) return found;
  auto scanned = s.scan(f, prefix, from, [&](std::string_view, std::string_view bytes) {
    auto one = decode(bytes);
    if (!one) {
      failure = std::move(one).error();
      return false;
    }
    found.push_back(std::move(*one));
    return found.size() < limit;
  });
  if (!scanned) return std::move(scanned).error();
  if (failure) return *failure;
  return found;
}

}  // namespace troupe
