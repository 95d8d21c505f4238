// Routes about runs that wait for somebody's decision.

#include "transport/client_message.hpp"
#include "transport/routes.hpp"
#include "transport/url.hpp"

#include <charconv>

namespace troupe {

namespace {

constexpr std::size_t most_listed = 1000, usually_listed = 100;

web_response json_response(const value& v) {
  web_response r;
  append_json(r.body, v);
  return r;
}

/// `?limit=N`; nothing if it is no number from 1 to `most_listed`.
std::optional<std::size_t> limit_of(std::string_view query) {
  auto given = find_query(query, "limit");
  if (!given.present) return usually_listed;
  const auto digits = std::move(given.text).value_or(std::string());
  std::size_t limit = 0;
  const char* end = digits.data() + digits.size();
  auto [p, ec] = std::from_chars(digits.data(), end, limit);
  if (ec != std::errc() || p != end || limit == 0 || limit > most_listed) return std::nullopt;
  return limit;
}

}  // namespace

void get_reviews(service& s, const web_request& request, responder_ptr answer) {
  const auto limit = limit_of(request.query);
  if (!limit)
    return answer->send(
        error_response({errc::invalid_request, "`limit` must be a number from 1 to 1000"}));
  auto after = std::move(find_query(request.query, "after").text).value_or(std::string());
  s.gate.list_reviews(std::move(after), *limit, [answer = std::move(answer)](result<value> found) {
    if (!found) return answer->send(error_response(found.error()));
    answer->send(json_response(value(value::table{{"reviews", std::move(*found)}})));
  });
}

void get_review(service& s, const web_request& request, responder_ptr answer) {
  s.gate.find_review(request.argument, [answer = std::move(answer)](result<value> found) {
    answer->send(found ? json_response(*found) : error_response(found.error()));
  });
}

void post_review(service& s, const web_request& request, responder_ptr answer) {
  auto d = parse_review_body(request.body);
  if (!d) return answer->send(error_response(d.error()));
  d->run = request.argument;
  static constexpr std::string_view names[] = {"approved", "rejected", "edited"};
  const value told(value::table{{"run", d->run}, {"verdict", names[static_cast<int>(d->what)]}});
  s.gate.decide_review(*std::move(d), [answer = std::move(answer), told](result<void> done) {
    answer->send(done ? json_response(told) : error_response(done.error()));
  });
}

}  // namespace troupe
