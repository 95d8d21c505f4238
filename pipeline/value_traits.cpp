#include "pipeline/value_traits.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace troupe {

namespace {

struct unit {
  std::string_view name;
  std::int64_t microseconds;
};

/// Largest first: the first that divides a duration is the one it is written in.
constexpr std::array units = {unit{"h", 3'600'000'000}, unit{"m", 60'000'000}, unit{"s", 1'000'000},
                              unit{"ms", 1'000}, unit{"us", 1}};

/// Ten years; keeps every sum of durations far from overflow.
constexpr double longest = 10.0 * 365 * 24 * 3.6e9;

error not_a_duration(std::string_view text) {
  return {errc::invalid_request,
          "must be a duration such as \"250ms\", \"8s\", \"2m\" or \"1h\", not \"" +
              std::string(text) + "\""};
}

}  // namespace

result<std::chrono::microseconds> parse_duration(std::string_view text) {
  std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == 0 || digits == std::string_view::npos) return not_a_duration(text);
  double number = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + digits, number);
  if (failure != std::errc() || end != text.data() + digits) return not_a_duration(text);
  for (const unit& u : units) {
    if (text.substr(digits) != u.name) continue;
    double length = number * static_cast<double>(u.microseconds);
    if (length > longest)
      return error{errc::invalid_request,
                   "must be at most ten years, not \"" + std::string(text) + "\""};
    return std::chrono::microseconds(std::llround(length));
  }
  return not_a_duration(text);
}

std::string format_duration(std::chrono::microseconds d) {
  std::int64_t count = d.count();
  if (count == 0) return "0s";
  for (const unit& u : units)
    if (count % u.microseconds == 0)
      return std::to_string(count / u.microseconds) + std::string(u.name);
  return std::to_string(count) + "us";
}

error wrong_type(slot_type wanted, const value& got) {
  return {errc::invalid_request,
          "must be " + std::string(name_of(wanted)) + ", not " + std::string(name_of(got.type()))};
}

}  // namespace troupe
