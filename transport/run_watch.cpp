#include "transport/run_watch.hpp"

namespace troupe {

error error_of(const event& e) {
  error out{e.code, e.text};
  if (e.retry_after_ms > 0) out.retry_after = std::chrono::milliseconds(e.retry_after_ms);
  return out;
}

web_response waiting_response(const event& e) {
  web_response r;
  r.status = 202;
  r.headers = {{"Location", "/v1/runs/" + e.run}};
  r.body = R"({"run":)";
  append_json_string(r.body, e.run);
  r.body += R"(,"state":"waiting","stage":)";
  append_json_string(r.body, e.stage);
  r.body += '}';
  return r;
}

bool accepts_event_stream(std::string_view accept) noexcept {
  return accept.find("text/event-stream") != std::string_view::npos;
}

web_response event_stream_head() {
  web_response r;
  r.content_type = "text/event-stream";
  // The second header keeps proxies that know it from holding pieces back.
  r.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  return r;
}

std::string to_sse(const event& e) {
  std::string out = "event: ";
  out += name_of(e.kind);
  if (e.seq) out.append("\nid: ").append(std::to_string(e.seq));
  out.append("\ndata: ").append(to_json(e)).append("\n\n");
  return out;
}

}  // namespace troupe
