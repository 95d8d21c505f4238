#pragma once
// How C++ member types of a stage map to slot types.

#include "pipeline/value.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace troupe {

/// "250ms", "8s", "2m", "1h" (a number and one unit; fractions allowed).
result<std::chrono::microseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::microseconds d);

/// The message for a value of the wrong type: "must be text, not int".
error wrong_type(slot_type wanted, const value& got);

template <class T>
struct value_traits;  // a member type that no slot can hold ends here

#define TROUPE_SCALAR_TRAITS(cpp_type, slot, access)           \
  template <>                                                  \
  struct value_traits<cpp_type> {                              \
    static constexpr slot_type type = slot_type::slot;         \
    static constexpr bool optional = false;                    \
    static result<cpp_type> from(const value& v) {             \
      if (!converts(v.type(), type)) return wrong_type(type, v); \
      return static_cast<cpp_type>(v.access());                \
    }                                                          \
    static value to(cpp_type x) { return value(std::move(x)); } \
  }
TROUPE_SCALAR_TRAITS(bool, boolean, as_bool);
TROUPE_SCALAR_TRAITS(std::int64_t, integer, as_int);
TROUPE_SCALAR_TRAITS(double, floating, as_number);
TROUPE_SCALAR_TRAITS(std::string, text, as_text);
TROUPE_SCALAR_TRAITS(value::list, list, as_list);
TROUPE_SCALAR_TRAITS(value::table, table, as_table);
#undef TROUPE_SCALAR_TRAITS

template <>
struct value_traits<int> {
  static constexpr slot_type type = slot_type::integer;
  static constexpr bool optional = false;
  static result<int> from(const value& v) {
    if (v.type() != type) return wrong_type(type, v);
    if (!std::in_range<int>(v.as_int()))
      return error{errc::invalid_request, "must fit into 32 bits, not " + v.to_text()};
    return static_cast<int>(v.as_int());
  }
  static value to(int x) { return value(x); }
};

template <>
struct value_traits<value> {
  static constexpr slot_type type = slot_type::any;
  static constexpr bool optional = false;
  static result<value> from(value v) { return v; }
  static value to(value v) { return v; }
};

template <>
struct value_traits<std::chrono::milliseconds> {
  static constexpr slot_type type = slot_type::text;
  static constexpr bool optional = false;
  static result<std::chrono::milliseconds> from(const value& v) {
    if (v.type() != type) return wrong_type(type, v);
    auto d = parse_duration(v.as_text());
    if (!d) return std::move(d).error();
    return std::chrono::duration_cast<std::chrono::milliseconds>(*d);
  }
  static value to(std::chrono::milliseconds x) { return value(format_duration(x)); }
};

template <class T>
struct value_traits<std::vector<T>> {
  static constexpr slot_type type = slot_type::list;
  static constexpr slot_type items = value_traits<T>::type;
  static constexpr bool optional = false;
  static result<std::vector<T>> from(const value& v) {
    if (v.type() != type) return wrong_type(type, v);
    std::vector<T> out;
    for (const value& item : v.as_list()) {
      auto t = value_traits<T>::from(item);
      if (!t) return error{errc::invalid_request, "has an item that " + t.error().message};
      out.push_back(std::move(*t));
    }
    return out;
  }
  static value to(const std::vector<T>& items) {
    value::list out;
    for (const T& item : items) out.push_back(value_traits<T>::to(item));
    return value(std::move(out));
  }
};

template <class T>
struct value_traits<std::optional<T>> {
  static constexpr slot_type type = value_traits<T>::type;
  static constexpr bool optional = true;
  static result<std::optional<T>> from(const value& v) {
    if (v.is_none()) return std::optional<T>();
    auto t = value_traits<T>::from(v);
    if (!t) return std::move(t).error();
    return std::optional<T>(std::move(*t));
  }
  static value to(std::optional<T> x) { return x ? value_traits<T>::to(std::move(*x)) : value(); }
};

}  // namespace troupe
