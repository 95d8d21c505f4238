#pragma once
// `result<T>` is a T or an `error`; functions that can fail return one instead of throwing.

#include "pipeline/error.hpp"

#include <cassert>
#include <utility>
#include <variant>

namespace troupe {

template <class T>
class [[nodiscard]] result {
 public:
  using value_type = T;

  result(T value) : data_(std::in_place_index<0>, std::move(value)) {}
  result(troupe::error e) : data_(std::in_place_index<1>, std::move(e)) {}

  explicit operator bool() const noexcept { return data_.index() == 0; }
  bool has_value() const noexcept { return data_.index() == 0; }

  T& operator*() & { assert(has_value()); return *std::get_if<0>(&data_); }
  const T& operator*() const& { assert(has_value()); return *std::get_if<0>(&data_); }
  T&& operator*() && { assert(has_value()); return std::move(*std::get_if<0>(&data_)); }
  T* operator->() { assert(has_value()); return std::get_if<0>(&data_); }
  const T* operator->() const { assert(has_value()); return std::get_if<0>(&data_); }

  troupe::error& error() & { assert(!has_value()); return *std::get_if<1>(&data_); }
  const troupe::error& error() const& { assert(!has_value()); return *std::get_if<1>(&data_); }
  troupe::error&& error() && { assert(!has_value()); return std::move(*std::get_if<1>(&data_)); }

 private:
  std::variant<T, troupe::error> data_;
};

template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;

  result() = default;
  result(troupe::error e) : error_(std::move(e)) {}

  explicit operator bool() const noexcept { return !error_; }
  bool has_value() const noexcept { return !error_; }

  troupe::error& error() & { assert(error_); return *error_; }
  const troupe::error& error() const& { assert(error_); return *error_; }
  troupe::error&& error() && { assert(error_); return std::move(*error_); }

 private:
  std::optional<troupe::error> error_;
};

}  // namespace troupe
