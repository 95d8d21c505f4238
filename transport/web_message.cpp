#include "transport/web_message.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

struct status_of_code {
  errc code;
  int status;
};

constexpr std::array<status_of_code, 16> statuses = {{
    {errc::invalid_request, 400},
    {errc::unauthorized, 401},
    {errc::forbidden, 403},
    {errc::not_found, 404},
    {errc::conflict, 409},
    {errc::overloaded, 429},
    {errc::rate_limited, 429},
    {errc::deadline, 504},
    {errc::budget, 422},
    {errc::cancelled, 409},
    {errc::failed, 500},
    {errc::internal, 500},
    {errc::timeout, 504},
    {errc::unavailable, 503},
    {errc::crashed, 500},
    {errc::dropped, 500},
}};

struct phrase_of_status {
  int status;
  std::string_view phrase;
};

constexpr std::array<phrase_of_status, 22> phrases = {{
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
}};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void add_retry_after(web_response& r, const error& e) {
  auto ms = e.retry_after ? e.retry_after->count() : 1000;
  auto seconds = std::max<std::int64_t>(1, (ms + 999) / 1000);
  r.headers.emplace_back("Retry-After", std::to_string(seconds));
}

void append_common(std::string& out, const web_response& r, const response_frame& frame) {
  out += frame.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += std::to_string(r.status);
  out += ' ';
  out += reason_phrase(r.status);
  out += "\r\n";
  append_field(out, "Server", "troupe");
  if (!frame.date.empty()) append_field(out, "Date", frame.date);
  if (!frame.request_id.empty()) append_field(out, "X-Request-Id", frame.request_id);
  if (!frame.keep_alive)
    append_field(out, "Connection", "close");
  else if (frame.http_1_0)
    append_field(out, "Connection", "keep-alive");
  append_field(out, "X-Content-Type-Options", "nosniff");
  if (r.status != 204 && r.status != 304) append_field(out, "Content-Type", r.content_type);
  for (const auto& [name, value] : r.headers) append_field(out, name, value);
}

}  // namespace

std::string_view name_of(web_method method) noexcept {
  static constexpr std::array<std::string_view, 5> names = {"GET", "HEAD", "POST", "OPTIONS", "?"};
  return names[static_cast<std::size_t>(method)];
}

int http_status(errc code) noexcept {
  auto found = std::find_if(statuses.begin(), statuses.end(),
                            [&](const status_of_code& s) { return s.code == code; });
  return found == statuses.end() ? 500 : found->status;
}

std::string_view reason_phrase(int status) noexcept {
  auto found = std::find_if(phrases.begin(), phrases.end(),
                            [&](const phrase_of_status& p) { return p.status == status; });
  return found == phrases.end() ? "Unknown" : found->phrase;
}

web_response json_response(const value& v) {
  web_response r;
  append_json(r.body, v);
  return r;
}

web_response error_response(const error& e) {
  web_response r;
  r.status = http_status(e.code);
  r.body = R"({"error":{"code":")";
  r.body += wire_name(e.code);
  r.body += R"(","message":)";
  append_json_string(r.body, e.message);
  if (e.retry_after)
    r.body.append(R"(,"retry_after_ms":)").append(std::to_string(e.retry_after->count()));
  r.body += "}}";
  if (r.status == 429 || r.status == 503) add_retry_after(r, e);
  return r;
}

web_response out_of_service(const error& e) {
  auto r = error_response(e);
  if (r.headers.empty()) add_retry_after(r, e);
  r.status = 503;
  return r;
}

void append_response(std::string& out, const web_response& r, const response_frame& frame) {
  out.reserve(out.size() + 256 + r.body.size());
  append_common(out, r, frame);
  if (r.status != 204 && r.status != 304)
    append_field(out, "Content-Length", std::to_string(r.body.size()));
  out += "\r\n";
  if (!frame.head && r.status != 204 && r.status != 304) out += r.body;
}

void append_stream_head(std::string& out, const web_response& r, const response_frame& frame) {
  append_common(out, r, frame);
  if (!frame.http_1_0) append_field(out, "Transfer-Encoding", "chunked");
  out += "\r\n";
}

}  // namespace troupe
