#pragma once
// The immutable value that travels in a slot. Copies are cheap: text, lists and tables are shared.

#include "pipeline/result.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

/// The types a slot can have. `any` is only a declared type (a port that takes everything), never
/// the type of a value; `none` is the absence of a value.
enum class slot_type : std::uint8_t { none, boolean, integer, floating, text, list, table, any };

/// The name used in TOML and messages: bool, int, float, text, list, table.
std::string_view name_of(slot_type type) noexcept;
std::optional<slot_type> slot_type_from_name(std::string_view name) noexcept;

class value {
 public:
  using list = std::vector<value>;
  using entry = std::pair<std::string, value>;
  /// Entries in order of insertion; keys are unique.
  using table = std::vector<entry>;

  value() = default;  ///< none
  value(bool b) : data_(b) {}
  value(int i) : data_(std::int64_t{i}) {}
  value(std::int64_t i) : data_(i) {}
  value(double d) : data_(d) {}
  value(const char* s) : data_(std::make_shared<const std::string>(s)) {}
  value(std::string s) : data_(std::make_shared<const std::string>(std::move(s))) {}
  value(std::string_view s) : data_(std::make_shared<const std::string>(s)) {}
  value(list items) : data_(std::make_shared<const list>(std::move(items))) {}
  value(table entries) : data_(std::make_shared<const table>(std::move(entries))) {}

  slot_type type() const noexcept { return static_cast<slot_type>(data_.index()); }
  bool is_none() const noexcept { return data_.index() == 0; }
  bool is_number() const noexcept {
    return type() == slot_type::integer || type() == slot_type::floating;
  }

  /// Accessors. The caller has checked `type()`; `as_number` takes integers and floats.
  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  double as_number() const;
  const std::string& as_text() const { return *std::get<shared<std::string>>(data_); }
  const list& as_list() const { return *std::get<shared<list>>(data_); }
  const table& as_table() const { return *std::get<shared<table>>(data_); }

  /// The entry of a table, or nullptr if this is no table or has no such key.
  const value* find(std::string_view key) const noexcept;

  /// As people read it: text as it is, numbers shortest, lists and tables as JSON.
  std::string to_text() const;

  friend bool operator==(const value& a, const value& b);

 private:
  template <class T>
  using shared = std::shared_ptr<const T>;
  std::variant<std::monostate, bool, std::int64_t, double, shared<std::string>, shared<list>,
               shared<table>>
      data_;
};

/// True if a value of type `from` may be put where `to` is declared (an int goes into a float).
bool converts(slot_type from, slot_type to) noexcept;

boost::json::value to_json(const value& v);
/// JSON null becomes none; integers above int64 become floats.
value from_json(const boost::json::value& j);

/// A table: {code, message}.
value to_value(const error& e);

/// `text` as a value of `type`: text as it is, the others as JSON writes them.
result<value> value_from_text(slot_type type, std::string_view text);

/// Appends `text` as a JSON string literal, quotes included; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// Appends `v` as JSON text.
void append_json(std::string& out, const value& v);

}  // namespace troupe
