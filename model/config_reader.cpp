#include "model/config_reader.hpp"

#include <cmath>
#include <stdexcept>

namespace troupe {

namespace json = boost::json;

const json::value* config_reader::find(const char* key) const {
  const auto* v = o_.if_contains(key);
  return v && !v->is_null() ? v : nullptr;
}

bool config_reader::is_text(const char* key, std::string_view text) const {
  const auto* v = find(key);
  return v && v->is_string() && std::string_view(v->get_string()) == text;
}

std::int64_t config_reader::whole(const char* key, std::int64_t least,
                                  std::optional<std::int64_t> fallback) const {
  const auto* v = find(key);
  if (!v && fallback) return *fallback;
  if (!v) fail(key, "is missing");
  const auto n = v->is_int64() ? v->get_int64() : -1;
  if (n < least || n > 100'000'000) fail(key, "is not a size");
  return n;
}

std::int64_t config_reader::size(const char* key, std::optional<std::int64_t> fallback) const {
  return whole(key, 1, fallback);
}

std::int64_t config_reader::count(const char* key, std::optional<std::int64_t> fallback) const {
  return whole(key, 0, fallback);
}

double config_reader::number(const char* key, std::optional<double> fallback) const {
  const auto* v = find(key);
  if (!v && fallback) return *fallback;
  if (!v) fail(key, "is missing");
  if (!v->is_number()) fail(key, "is not a number");
  const auto n = v->to_number<double>();
  if (!(n > 0) || !std::isfinite(n)) fail(key, "is not above 0");
  return n;
}

bool config_reader::flag(const char* key, bool fallback) const {
  const auto* v = find(key);
  if (v && !v->is_bool()) fail(key, "is neither true nor false");
  return v ? v->get_bool() : fallback;
}

std::vector<token_id> config_reader::ids(const char* key) const {
  const auto* v = find(key);
  if (!v) return {};
  std::vector<token_id> out;
  const json::array one = v->is_array() ? v->get_array() : json::array{*v};
  for (auto& id : one) {
    if (!id.is_int64() || id.get_int64() < 0) fail(key, "is not a token id");
    out.push_back(id.get_int64());
  }
  return out;
}

void config_reader::refuse_unless(bool supported, const char* key) const {
  if (supported) return;
  const auto* v = find(key);
  fail(key, "= " + (v ? json::serialize(*v) : "null") + " is not supported");
}

void config_reader::fail(const std::string& key, const std::string& what) const {
  throw std::invalid_argument("`" + prefix_ + key + "` " + what);
}

}  // namespace troupe
