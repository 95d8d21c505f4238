#include "transport/json_reader.hpp"

#include "transport/url.hpp"

#include <boost/json.hpp>

namespace troupe {

namespace json = boost::json;

result<json::object> parse_object(std::string_view text, json::storage_ptr memory) {
  json::parse_options options;
  options.max_depth = json_depth;
  json::parser parser({}, options);
  parser.reset(std::move(memory));
  boost::system::error_code ec;
  auto used = parser.write_some(text.data(), text.size(), ec);
  if (!ec && text.find_first_not_of(" \t\r\n", used) != std::string_view::npos)
    ec = json::error::extra_data;
  if (ec == json::error::too_deep)
    return error{errc::invalid_request,
                 "the JSON is nested deeper than " + std::to_string(json_depth) + " levels"};
  if (ec)
    return error{errc::invalid_request,
                 "not JSON at byte " + std::to_string(used) + ": " + ec.message()};
  auto value = parser.release();
  if (!value.is_object())
    return error{errc::invalid_request, "expected a JSON object such as {\"type\":\"say\"}"};
  return std::move(value.get_object());
}

member_reader::member_reader(const json::object& o, std::string where)
    : object_(o), where_(std::move(where)) {}

bool member_reader::has(std::string_view name) const { return object_.contains(name); }

void member_reader::complain(std::string_view name, std::string_view what) {
  if (problem_) return;
  std::string message = "`" + where_;
  message.append(name).append("` ").append(what);
  problem_ = error{errc::invalid_request, std::move(message)};
}

const json::value* member_reader::any(std::string_view name, presence p) {
  const auto* v = object_.if_contains(name);
  if (v && v->is_null() && p == presence::optional) return nullptr;
  if (!v && p == presence::required) complain(name, "is missing");
  return v;
}

std::string_view member_reader::text(std::string_view name, presence p, std::size_t max_bytes) {
  const auto* v = any(name, p);
  if (!v) return {};
  const auto* s = v->if_string();
  if (!s) {
    complain(name, "must be text");
  } else if (s->empty()) {
    complain(name, "must not be empty");
  } else if (s->size() > max_bytes) {
    complain(name, "has " + std::to_string(s->size()) + " bytes; the most is " +
                       std::to_string(max_bytes));
  } else {
    return {s->data(), s->size()};
  }
  return {};
}

std::string_view member_reader::id(std::string_view name, presence p) {
  auto s = text(name, p, 128);
  if (!s.empty() && !is_valid_id(s)) complain(name, "must not contain control characters");
  return s;
}

bool member_reader::boolean(std::string_view name, bool otherwise) {
  const auto* v = any(name, presence::optional);
  if (!v) return otherwise;
  if (const auto* b = v->if_bool()) return *b;
  complain(name, "must be true or false");
  return otherwise;
}

const json::object* member_reader::object(std::string_view name, presence p) {
  const auto* v = any(name, p);
  if (!v) return nullptr;
  if (const auto* o = v->if_object()) return o;
  complain(name, "must be an object");
  return nullptr;
}

const json::array* member_reader::array(std::string_view name, presence p) {
  const auto* v = any(name, p);
  if (!v) return nullptr;
  if (const auto* a = v->if_array()) return a;
  complain(name, "must be a list");
  return nullptr;
}

}  // namespace troupe
