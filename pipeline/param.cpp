#include "pipeline/stage.hpp"
#include "pipeline/value_traits.hpp"

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

/// `shown` is how the person wrote it; `show` writes the limits likewise.
template <class Show>
std::optional<std::string> outside(const param& p, double number, const std::string& shown,
                                   Show show) {
  if (p.min && number < *p.min) return "must be at least " + show(*p.min) + ", not " + shown;
  if (p.max && number > *p.max) return "must be at most " + show(*p.max) + ", not " + shown;
  return std::nullopt;
}

std::string show_number(double x) {
  bool whole = std::abs(x) < 1e15 && x == std::trunc(x);
  return whole ? std::to_string(static_cast<std::int64_t>(x)) : value(x).to_text();
}

std::string show_milliseconds(double x) {
  return "\"" + format_duration(std::chrono::microseconds(static_cast<std::int64_t>(x * 1000))) +
         "\"";
}

bool is_empty(const value& v) {
  switch (v.type()) {
    case slot_type::text:
      return v.as_text().find_first_not_of(" \t\r\n") == std::string::npos;
    case slot_type::list:
      return v.as_list().empty();
    case slot_type::table:
      return v.as_table().empty();
    default:
      return v.is_none();
  }
}

std::optional<std::string> not_one_of(const std::vector<std::string>& words, const value& v) {
  if (v.type() == slot_type::list) {
    for (const value& item : v.as_list())
      if (auto complaint = not_one_of(words, item)) return complaint;
    return std::nullopt;
  }
  std::string text = v.to_text();
  if (std::ranges::find(words, text) != words.end()) return std::nullopt;
  std::string message = "must be one of";
  for (const std::string& word : words) message += (&word == &words[0] ? " `" : ", `") + word + "`";
  return message + ", not `" + text + "`";
}

}  // namespace

std::optional<std::string> param::complaint(const value& v) const {
  if (!converts(v.type(), type)) return wrong_type(type, v).message;
  if (not_empty && is_empty(v)) return "must not be empty";
  if (v.type() == slot_type::list)
    for (const value& item : v.as_list())
      if (!converts(item.type(), items))
        return "has an item that " + wrong_type(items, item).message;
  if (!one_of.empty())
    if (auto complaint = not_one_of(one_of, v)) return complaint;
  if (meaning == meaning_type::time_span) {
    auto length = parse_duration(v.as_text());
    if (!length) return length.error().message;
    return outside(*this, static_cast<double>(length->count()) / 1000, "\"" + v.as_text() + "\"",
                   show_milliseconds);
  }
  if (v.is_number()) return outside(*this, v.as_number(), v.to_text(), show_number);
  return std::nullopt;
}

}  // namespace troupe
