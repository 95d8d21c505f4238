#pragma once
// Reads the keys of one config.json object, and says what is wrong with them.

#include "model/tokenizer.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A key whose value is null counts as missing. Throws what parse_model_config turns into an error
/// value.
class config_reader {
 public:
  /// `prefix` stands before keys in errors.
  explicit config_reader(const boost::json::object& o, std::string prefix = {})
      : o_(o), prefix_(std::move(prefix)) {}

  const boost::json::value* find(const char* key) const;
  /// Whether the key is there, be it null.
  bool has(const char* key) const { return o_.contains(key); }
  bool is_text(const char* key, std::string_view text) const;

  /// A whole number from 1; from 0 if it is a `count`. Without a fallback the key is needed.
  std::int64_t size(const char* key, std::optional<std::int64_t> fallback = std::nullopt) const;
  std::int64_t count(const char* key, std::optional<std::int64_t> fallback = std::nullopt) const;
  /// Above 0.
  double number(const char* key, std::optional<double> fallback = std::nullopt) const;
  bool flag(const char* key, bool fallback = false) const;
  /// One id or a list of ids.
  std::vector<token_id> ids(const char* key) const;

  void refuse_unless(bool supported, const char* key) const;
  [[noreturn]] void fail(const std::string& key, const std::string& what) const;

 private:
  std::int64_t whole(const char* key, std::int64_t least,
                     std::optional<std::int64_t> fallback) const;

  const boost::json::object& o_;
  std::string prefix_;
};

}  // namespace troupe
