#pragma once
// One table of a graph file while it is read: hands out its values with their types checked and
// their places kept, and at the end names the keys that nobody asked for.

#include "pipeline/clock.hpp"
#include "pipeline/source.hpp"

#include <toml++/toml.h>
#include <functional>
#include <limits>
#include <optional>

namespace troupe {

/// What the parser is told to be the path of a file, so that every place knows the file's number.
std::string source_path(std::uint32_t number);

source_range range_of(const toml::source_region& region) noexcept;
source_range range_of(const toml::node& node) noexcept;

/// A value of any shape with all places. Entries of tables come in the order of the file. A date
/// or time is reported as `wrong-type`: no slot can hold one.
located_value read_value(const toml::node& node, std::vector<diagnostic>& findings);

/// True for names of stages, slots and models: [A-Za-z_][A-Za-z0-9_]*.
bool is_identifier(std::string_view name) noexcept;

struct count_limits {
  std::int64_t min = 1;
  std::int64_t max = 1'000'000;
};

class table_reader {
 public:
  struct item {
    located<std::string> key;
    const toml::node* node = nullptr;
  };

  /// `title` is how messages call the table: "[stage.intent]". `at` is where missing keys are
  /// reported.
  table_reader(const toml::table& table, std::string title, source_range at,
               std::vector<diagnostic>& findings);

  const std::string& title() const noexcept { return title_; }
  source_range at() const noexcept { return at_; }
  std::vector<diagnostic>& findings() const noexcept { return *findings_; }

  void report(std::string kind, std::string message, source_range at, std::string hint = "") const;

  /// The value of a key, nullptr if it is not there. Makes the key a known one.
  const toml::node* find(const char* key);
  /// The same; its absence is a `missing-key`, with `hint` saying what belongs there.
  const toml::node* require(const char* key, std::string hint);

  /// Typed values; what is not there or not right leaves the target as it was. A text must not be
  /// empty.
  void text(const char* key, located<std::string>& out);
  void required_text(const char* key, located<std::string>& out, std::string hint);
  /// A text that must be an identifier; `what` says of what: "a slot".
  void name(const char* key, located<std::string>& out, std::string_view what);
  void one_of(const char* key, located<std::string>& out, const std::vector<std::string>& words);
  void count(const char* key, located<std::int64_t>& out, count_limits limits = {});
  /// A count that was given but is wrong is taken as the least, so that it still counts as given.
  void count(const char* key, std::optional<located<std::int64_t>>& out, count_limits limits = {});
  /// A number from 0 on.
  void amount(const char* key, located<double>& out);
  void length_of_time(const char* key, located<duration>& out);
  /// "50ms..1s", or one duration for both ends.
  void backoff(const char* key, located<duration>& min, located<duration>& max);
  void names(const char* key, std::vector<located<std::string>>& out, std::string_view what);
  /// A list of texts; nothing is asked of them but not to be empty.
  void texts(const char* key, std::vector<located<std::string>>& out);
  /// A table; nullptr if it is none.
  const toml::table* table(const char* key);

  /// All entries in the order of the file; every key counts as known.
  std::vector<item> all();

  /// Reports the unknown keys. Call it last.
  void finish() const;

 private:
  void wrong_type(const toml::node& node, const char* key, std::string_view wanted,
                  std::string hint = "") const;
  bool check_identifier(const located<std::string>& name, std::string_view what) const;
  std::optional<located<std::string>> text_of(const toml::node& node,
                                              const std::string& subject) const;

  const toml::table* table_;
  std::string title_;
  source_range at_;
  std::vector<diagnostic>* findings_;
  std::vector<std::string> known_;
  bool all_known_ = false;
};

/// Entries of a table in the order of the file, keys with their places.
std::vector<table_reader::item> in_file_order(const toml::table& table);

/// "text", "int", "table", … as messages call what a node is.
std::string_view type_name(const toml::node& node) noexcept;

/// The table of [FAMILY.NAME]; nullptr and a finding if something else stands there.
const toml::table* named_table(const table_reader::item& entry, std::string_view family,
                               std::vector<diagnostic>& findings);

}  // namespace troupe
