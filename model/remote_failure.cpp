#include "model/remote_failure.hpp"

#include "model/json_fields.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::size_t longest_quote = 200;

struct status_row {
  int status;
  errc code;
  ask_again again;
};
/// What is not here: other 4xx are `invalid_request` and final, other 5xx are `unavailable`.
constexpr std::array statuses = {
    status_row{401, errc::unauthorized, ask_again::with_new_token},
    status_row{402, errc::unavailable, ask_again::never},  // DeepSeek: the balance is used up
    status_row{403, errc::forbidden, ask_again::never},
    status_row{404, errc::not_found, ask_again::never},
    status_row{408, errc::timeout, ask_again::later},
    status_row{409, errc::unavailable, ask_again::later},
    status_row{425, errc::unavailable, ask_again::later},
    status_row{429, errc::rate_limited, ask_again::later},
    status_row{501, errc::unavailable, ask_again::never},
    status_row{505, errc::unavailable, ask_again::never},
    status_row{529, errc::overloaded, ask_again::later}};

status_row meaning_of(int status) {
  const auto* row = std::ranges::find(statuses, status, &status_row::status);
  if (row != statuses.end()) return *row;
  if (status >= 500) return {status, errc::unavailable, ask_again::later};
  if (status >= 400) return {status, errc::invalid_request, ask_again::never};
  return {status, errc::unavailable, ask_again::never};
}

struct word_row {
  std::string_view word;
  errc code;
};
/// `type` or `code` of errors that come without a status of their own.
constexpr std::array words = {word_row{"rate_limit_exceeded", errc::rate_limited},
                              word_row{"rate_limit_error", errc::rate_limited},
                              word_row{"overloaded_error", errc::overloaded},
                              word_row{"invalid_request_error", errc::invalid_request},
                              word_row{"context_length_exceeded", errc::invalid_request},
                              word_row{"authentication_error", errc::unauthorized},
                              word_row{"invalid_api_key", errc::unauthorized}};

/// The head of what a server said, cut between characters.
std::string shortened(std::string_view text) {
  if (text.size() <= longest_quote) return std::string(text);
  std::size_t end = longest_quote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

/// What the body says in words, and its `code`.
std::pair<std::string, std::string> words_of(std::string_view body) {
  json::error_code failed;
  const auto parsed = json::parse(body, failed);
  const auto* o = failed ? nullptr : parsed.if_object();
  if (!o) return {};
  const auto* e = o->if_contains("error");
  const auto* inner = e ? e->if_object() : nullptr;
  if (inner) return {text_or_empty(*inner, "message"), text_or_empty(*inner, "code")};
  if (const auto* text = e ? e->if_string() : nullptr) {
    const auto more = text_or_empty(*o, "error_description");
    return {std::string(*text) + (more.empty() ? "" : ": " + more), std::string(*text)};
  }
  return {text_or_empty(*o, "message"), {}};
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (code != std::errc() || end != text.data() + text.size() || n < 0) return std::nullopt;
  return n;
}

/// "Wed, 21 Oct 2026 07:28:00 GMT" (RFC 9110, 5.6.7).
std::optional<time_point> date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t length = 29;
  if (text.size() != length || !text.ends_with(" GMT")) return std::nullopt;
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4)),
             hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  const auto* month = std::ranges::find(months, text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || month == months.end()) return std::nullopt;
  const std::chrono::year_month_day when{
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - months.begin() + 1)),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!when.ok()) return std::nullopt;
  return std::chrono::sys_days(when) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

std::optional<milliseconds> retry_after(const http_response& answer, time_point now) {
  constexpr std::int64_t longest = 86'400;  // a day of seconds
  if (const auto ms = number(answer.header("retry-after-ms")); ms && *ms <= longest * 1000)
    return milliseconds(*ms);
  const auto text = answer.header("Retry-After");
  if (const auto seconds = number(text); seconds && *seconds <= longest)
    return std::chrono::seconds(*seconds);
  if (const auto when = date(text))
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*when - now));
  return std::nullopt;
}

remote_failure failure_of(const http_response& refusal, time_point now) {
  const status_row row = meaning_of(refusal.status);
  const auto [text, code] = words_of(refusal.body);
  std::string message = "the API answered " + std::to_string(refusal.status);
  if (!text.empty()) message += ": " + shortened(text);
  remote_failure out{{row.code, std::move(message), retry_after(refusal, now)}, row.again};
  // An account that has run out does not fill up by waiting.
  if (code == "insufficient_quota") {
    out.what.code = errc::unavailable;
    out.again = ask_again::never;
  }
  return out;
}

remote_failure failure_of(error e) {
  const bool passes = e.code == errc::unavailable || e.code == errc::timeout ||
                      e.code == errc::overloaded || e.code == errc::rate_limited;
  return {std::move(e), passes ? ask_again::later : ask_again::never};
}

error api_error(const json::value& e) {
  const auto* o = e.if_object();
  if (!o) {
    const auto* text = e.if_string();
    return {errc::unavailable, "the API failed: " + shortened(text ? std::string(*text) : "")};
  }
  errc code = errc::unavailable;
  for (std::string_view key : {"code", "type"}) {
    const auto word = text_or_empty(*o, key);
    const auto* row = std::ranges::find(words, std::string_view(word), &word_row::word);
    if (row == words.end()) continue;
    code = row->code;
    break;
  }
  return {code, "the API failed: " + shortened(text_or_empty(*o, "message"))};
}

}  // namespace troupe
