// `http`: asks another server.
//
// Reads the slots named in `url`, `headers` and `json`.
// Writes `status` (int) and `body` (table: the JSON object that came back; another JSON value is
// under `value`, a body that is no JSON under `text`, and an empty one is an empty table).
// Parameters: `method`; `url`, `headers`, `json`, with templates in them (see prompt.hpp: a value
// in
//   the URL is percent-encoded, scheme and host stand in the graph); `api_key_env`, an environment
//   variable whose content is sent as bearer token; `timeout` of one try; `retries` after no
//   connection, 429 and 503; `backoff`, the wait before the first of them, doubled for each further
//   one and varied at random, unless the server says `Retry-After`; `max_body`, bytes of an answer.
// All tries of one call carry the same `Idempotency-Key`. Tries end at the call's deadline. A 429
// or 503 after the last of them is the error `rate_limited` or `unavailable`; every other status is
// an answer.
//
//   [stage.stock]
//   use  = "http"
//   with = { method = "POST", url = "https://stock.example.com/items/{sku}/reserve",
//            json = { amount = "{amount}" }, api_key_env = "STOCK_KEY" }

#include "actors/stages/builtin.hpp"
#include "actors/stages/http_templates.hpp"
#include "actors/stages/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <random>

namespace troupe::stages {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_backoff = std::chrono::seconds(30);

/// False if `stop` was set before the time was over.
bool wait(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

/// The seconds of a `Retry-After`; its other form, a date, is left to the backoff.
std::optional<milliseconds> retry_after(const http_response& response) {
  auto text = response.header("Retry-After");
  std::int64_t seconds = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > 86'400)
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

value::table read_body(const std::string& text) {
  if (is_blank(text)) return {};
  boost::system::error_code failed;
  auto json = boost::json::parse(text, failed);
  if (failed) return {{"text", clean_utf8(text)}};
  value v = from_json(json);
  if (v.type() == slot_type::table) return v.as_table();
  return {{"value", std::move(v)}};
}

struct http {
  static constexpr std::string_view name = "http";
  static constexpr std::string_view summary = "asks another server";
  static constexpr placement where = placement::own_thread;
  struct params {
    std::string method = "GET";
    std::string url;
    value::table headers;
    value json;
    std::string api_key_env;
    milliseconds timeout = std::chrono::seconds(10);
    std::int64_t retries = 3;
    milliseconds backoff{200};
    std::int64_t max_body = std::int64_t{1} << 20;
  };
  struct input {
    value::table slots;
  };
  struct output {
    std::int64_t status = 0;
    value::table body;
  };

  static void describe(describer<http>& d) {
    d.param("method", &params::method, "GET, POST and so on")
        .one_of({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"});
    d.param("url", &params::url, "where to; a template after the host").not_empty().prompt();
    d.param("headers", &params::headers, "names and templates");
    d.param("json", &params::json, "what is sent; every text in it is a template");
    d.param("api_key_env", &params::api_key_env, "environment variable with a bearer token");
    d.param("timeout", &params::timeout, "time for one try").min(1);
    d.param("retries", &params::retries, "further tries after no connection, 429 or 503")
        .min(0)
        .max(20);
    d.param("backoff", &params::backoff, "wait before the first retry; doubled for each further");
    d.param("max_body", &params::max_body, "most bytes of an answer").min(1);
    d.more_in(&input::slots);
    d.out("status", &output::status, "the HTTP status");
    d.out("body", &output::body, "the answer's JSON object");
  }

  static result<port_set> more_ports(const params& p) {
    auto parsed = http_templates::parse(p.url, p.headers, p.json);
    if (!parsed) return std::move(parsed).error();
    return port_set{parsed->ports(), {}};
  }

  result<void> open(const stage_services& services) {
    auto parsed = http_templates::parse(p.url, p.headers, p.json);
    if (!parsed) return std::move(parsed).error();
    templates_ = std::move(*parsed);
    if (!services.http)
      return error{errc::unavailable,
                   "stage `http` needs an HTTP client; this program was built without one"};
    client_ = services.http;
    if (p.api_key_env.empty()) return {};
    const char* key = std::getenv(p.api_key_env.c_str());
    if (!key || !*key)
      return error{errc::invalid_request,
                   "environment variable `" + p.api_key_env + "` (`api_key_env`) is not set"};
    bearer_ = std::string("Bearer ") + key;
    return {};
  }

  result<output> run(const input& in, run_context& ctx) {
    auto request = make_request(in, ctx);
    if (!request) return std::move(request).error();
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(ctx.seed() | 1));
    for (std::int64_t attempt = 0;; ++attempt) {
      auto limit = std::min(ctx.deadline(), ctx.clock().now() + p.timeout);
      auto response = client_->send(*request, ctx.stop(), limit);
      if (response && response->status != 429 && response->status != 503)
        return output{response->status, read_body(response->body)};
      if (!response && response.error().code != errc::unavailable)
        return std::move(response).error();

      auto asked = response ? retry_after(*response) : std::nullopt;
      auto pause = asked ? *asked : backoff(attempt, random);
      bool too_late =
          ctx.deadline() != time_point::max() && pause >= ctx.deadline() - ctx.clock().now();
      if (attempt >= p.retries || too_late) return give_up(response, *request, asked);
      if (!wait(pause, ctx.stop()))
        return error{errc::cancelled, "stage `" + ctx.info().stage.str() + "` was cancelled"};
    }
  }

  params p;
  http_templates templates_;
  std::shared_ptr<http_client> client_;
  std::string bearer_;

 private:
  result<http_request> make_request(const input& in, const run_context& ctx) const {
    auto request = templates_.render(in.slots);
    if (!request) return request;
    request->method = p.method;
    request->max_body = static_cast<std::size_t>(p.max_body);
    auto add = [&](std::string_view header, std::string text) {
      auto same = [&](const auto& h) { return same_header_name(h.first, header); };
      if (std::ranges::none_of(request->headers, same))
        request->headers.emplace_back(header, std::move(text));
    };
    add("Idempotency-Key", ctx.idempotency_key());
    add("Accept", "application/json");
    if (!request->body.empty()) add("Content-Type", "application/json");
    if (!bearer_.empty()) add("Authorization", bearer_);
    return request;
  }

  /// Half of the doubled wait is certain, half is chance, so that callers do not come back at once.
  milliseconds backoff(std::int64_t attempt, std::minstd_rand& random) const {
    auto whole = p.backoff;
    for (std::int64_t i = 0; i < attempt && whole < longest_backoff; ++i) whole *= 2;
    whole = std::min(whole, longest_backoff);
    std::uniform_int_distribution<std::int64_t> chance(0, whole.count() / 2);
    return milliseconds(whole.count() - whole.count() / 2 + chance(random));
  }

  static error give_up(const result<http_response>& response, const http_request& request,
                       std::optional<milliseconds> after) {
    if (!response) return response.error();
    auto host = request.url.substr(0, request.url.find('/', request.url.find("://") + 3));
    return {response->status == 429 ? errc::rate_limited : errc::unavailable,
            "`" + host + "` answered " + std::to_string(response->status) +
                (response->status == 429 ? " (too many requests)" : " (out of service)"),
            after};
  }
};

}  // namespace

void add_http(registry& r) { r.add<http>(); }

}  // namespace troupe::stages
