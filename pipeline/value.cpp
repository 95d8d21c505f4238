#include "pipeline/value.hpp"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 8> type_names = {"none", "bool", "int",   "float",
                                                        "text", "list", "table", "any"};

void append_number(std::string& out, double d, bool json) {
  if (!std::isfinite(d)) {
    out += json ? "null" : std::isnan(d) ? "nan" : d > 0 ? "inf" : "-inf";
    return;
  }
  std::array<char, 32> buffer{};
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d).ptr;
  std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += digits;
  // A float stays a float when it is read back.
  if (json && digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

/// Length of the valid UTF-8 sequence at the start of `s`, 0 if there is none.
std::size_t sequence_length(std::string_view s) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  auto tail = [&](std::size_t i) { return i < s.size() && (byte(i) & 0xC0) == 0x80; };
  unsigned char b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return tail(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (b == 0xE0 && byte(1) < 0xA0) return 0;
    if (b == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (b == 0xF0 && byte(1) < 0x90) return 0;
    if (b == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::string_view name_of(slot_type type) noexcept {
  return type_names[static_cast<std::size_t>(type)];
}

std::optional<slot_type> slot_type_from_name(std::string_view name) noexcept {
  for (std::size_t i = 1; i + 1 < type_names.size(); ++i)
    if (type_names[i] == name) return static_cast<slot_type>(i);
  return std::nullopt;
}

double value::as_number() const {
  if (type() == slot_type::integer) return static_cast<double>(as_int());
  return std::get<double>(data_);
}

const value* value::find(std::string_view key) const noexcept {
  if (type() != slot_type::table) return nullptr;
  for (const auto& [k, v] : as_table())
    if (k == key) return &v;
  return nullptr;
}

std::string value::to_text() const {
  std::string out;
  switch (type()) {
    case slot_type::none:
      break;
    case slot_type::text:
      return as_text();
    case slot_type::floating:
      append_number(out, as_number(), false);
      break;
    default:
      append_json(out, *this);
  }
  return out;
}

bool operator==(const value& a, const value& b) {
  if (a.data_.index() != b.data_.index()) return false;
  switch (a.type()) {
    case slot_type::text:
      return a.as_text() == b.as_text();
    case slot_type::list:
      return a.as_list() == b.as_list();
    case slot_type::table: {
      const auto &x = a.as_table(), &y = b.as_table();
      if (x.size() != y.size()) return false;
      for (const auto& [key, v] : x) {
        const value* other = b.find(key);
        if (!other || !(v == *other)) return false;
      }
      return true;
    }
    default:
      return a.data_ == b.data_;
  }
}

bool converts(slot_type from, slot_type to) noexcept {
  return from == to || to == slot_type::any || from == slot_type::any ||
         (from == slot_type::integer && to == slot_type::floating);
}

boost::json::value to_json(const value& v) {
  switch (v.type()) {
    case slot_type::boolean:
      return v.as_bool();
    case slot_type::integer:
      return v.as_int();
    case slot_type::floating:
      return v.as_number();
    case slot_type::text:
      return boost::json::string(v.as_text());
    case slot_type::list: {
      boost::json::array items;
      for (const value& item : v.as_list()) items.push_back(to_json(item));
      return items;
    }
    case slot_type::table: {
      boost::json::object entries;
      for (const auto& [key, item] : v.as_table()) entries[key] = to_json(item);
      return entries;
    }
    default:
      return nullptr;
  }
}

value from_json(const boost::json::value& j) {
  switch (j.kind()) {
    case boost::json::kind::null:
      return {};
    case boost::json::kind::bool_:
      return j.get_bool();
    case boost::json::kind::int64:
      return j.get_int64();
    case boost::json::kind::uint64:
      return static_cast<double>(j.get_uint64());
    case boost::json::kind::double_:
      return j.get_double();
    case boost::json::kind::string:
      return std::string_view(j.get_string().data(), j.get_string().size());
    case boost::json::kind::array: {
      value::list items;
      for (const auto& item : j.get_array()) items.push_back(from_json(item));
      return items;
    }
    case boost::json::kind::object: {
      value::table entries;
      for (const auto& [key, item] : j.get_object())
        entries.emplace_back(std::string(key), from_json(item));
      return entries;
    }
  }
  return {};
}

result<value> value_from_text(slot_type type, std::string_view text) {
  if (type == slot_type::text) return value(text);
  boost::system::error_code failure;
  auto parsed = boost::json::parse(boost::json::string_view(text.data(), text.size()), failure);
  if (failure && type == slot_type::any) return value(text);
  value v = failure ? value() : from_json(parsed);
  if (v.type() == slot_type::integer && type == slot_type::floating) return value(v.as_number());
  if (!failure && converts(v.type(), type)) return v;
  return error{errc::invalid_request,
               "`" + std::string(text) + "` is no " + std::string(name_of(type))};
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    auto c = static_cast<unsigned char>(text[0]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      std::size_t n = 1;
      while (n < text.size()) {
        auto d = static_cast<unsigned char>(text[n]);
        if (d < 0x20 || d >= 0x80 || d == '"' || d == '\\') break;
        ++n;
      }
      out.append(text, 0, n);
      text.remove_prefix(n);
      continue;
    }
    if (c < 0x80) {
      switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
          out += "\\u00";
          out += hex[c >> 4];
          out += hex[c & 15];
      }
      text.remove_prefix(1);
      continue;
    }
    std::size_t n = sequence_length(text);
    if (n == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out.append(text, 0, n);
      text.remove_prefix(n);
    }
  }
  out += '"';
}

void append_json(std::string& out, const value& v) {
  switch (v.type()) {
    case slot_type::boolean:
      out += v.as_bool() ? "true" : "false";
      break;
    case slot_type::integer:
      out += std::to_string(v.as_int());
      break;
    case slot_type::floating:
      append_number(out, v.as_number(), true);
      break;
    case slot_type::text:
      append_json_string(out, v.as_text());
      break;
    case slot_type::list: {
      out += '[';
      bool first = true;
      for (const value& item : v.as_list()) {
        if (!std::exchange(first, false)) out += ',';
        append_json(out, item);
      }
      out += ']';
      break;
    }
    case slot_type::table: {
      out += '{';
      bool first = true;
      for (const auto& [key, item] : v.as_table()) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, key);
        out += ':';
        append_json(out, item);
      }
      out += '}';
      break;
    }
    default:
      out += "null";
  }
}

value to_value(const error& e) {
  return value::table{{"code", name_of(e.code)}, {"message", e.message}};
}

}  // namespace troupe
