#pragma once
// Where something stands in a graph file, so that every later message can point at it.

#include "pipeline/value.hpp"

namespace troupe {

/// 1-based; line 0 means "not from a file". `end_column` is one past the last, on the same line.
/// `file` counts the files that a graph is made of: 0 is the graph's own, others are sub-graphs.
struct source_range {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t end_column = 0;
  std::uint32_t file = 0;
  bool known() const noexcept { return line != 0; }
};

/// A value and where it was written. `given()` tells a written value from a default.
template <class T>
struct located {
  T value{};
  source_range at;
  bool given() const noexcept { return at.known(); }
  const T& operator*() const noexcept { return value; }
  const T* operator->() const noexcept { return &value; }
};

struct located_entry;

/// A value of any shape with the place of each part.
struct located_value {
  value plain;  ///< the whole, without places
  source_range at;
  std::vector<located_entry> entries;  ///< of a table
  std::vector<located_value> items;    ///< of a list

  const located_value* find(std::string_view key) const noexcept;
};

struct located_entry {
  located<std::string> key;
  located_value value;
};

inline const located_value* located_value::find(std::string_view key) const noexcept {
  for (auto& entry : entries)
    if (entry.key.value == key) return &entry.value;
  return nullptr;
}

enum class severity : std::uint8_t { error, warning };

/// One finding about a graph file. `kind` is stable and machine-readable ("unknown-key").
struct diagnostic {
  severity level = severity::error;
  std::string kind;
  std::string message;
  source_range at;
  std::string hint;  ///< what to do; may be empty
};

}  // namespace troupe
