// Routes about the service itself.

#include "transport/page.hpp"
#include "transport/routes.hpp"
#include "transport/stage_metrics.hpp"

namespace troupe {

void get_page(service&, const web_request& request, responder_ptr answer) {
  const page& p = chat_page();
  web_response r;
  r.headers = {{"ETag", p.etag}, {"Cache-Control", "no-cache"}};
  if (request.if_none_match == p.etag) {
    r.status = 304;
  } else {
    r.content_type = "text/html; charset=utf-8";
    r.headers.emplace_back("Content-Security-Policy", p.policy);
    r.headers.emplace_back("Referrer-Policy", "no-referrer");
    r.body = p.html;
  }
  answer->send(std::move(r));
}

void get_chat(service&, const web_request&, responder_ptr answer) {
  auto r = error_response({errc::invalid_request,
                           "`/v1/chat` speaks WebSocket; for plain HTTP there is "
                           "`POST /v1/conversations/{id}/runs`"});
  r.status = 426;
  r.headers = {{"Upgrade", "websocket"}};
  answer->send(std::move(r));
}

void get_health(service&, const web_request&, responder_ptr answer) {
  web_response r;
  r.body = R"({"status":"ok"})";
  answer->send(std::move(r));
}

void get_ready(service& s, const web_request&, responder_ptr answer) {
  if (s.draining)
    return answer->send(error_response({errc::unavailable, "the server is about to end"}));
  auto ready = s.gate.ready();
  if (!ready) {
    auto e = std::move(ready).error();
    e.code = errc::unavailable;
    return answer->send(error_response(e));
  }
  web_response r;
  r.body = R"({"status":"ready"})";
  answer->send(std::move(r));
}

void get_graph(service& s, const web_request&, responder_ptr answer) {
  // Asked in this order: the graph may come in between, and it is there from then on.
  const auto ready = s.gate.ready();
  const auto graph = s.gate.describe_graph();
  if (!ready && graph.is_none()) return answer->send(error_response(ready.error()));
  answer->send(json_response(graph));
}

void get_metrics(service& s, const web_request&, responder_ptr answer) {
  web_response r;
  r.content_type = "text/plain; version=0.0.4; charset=utf-8";
  r.body = s.metrics->text();
  r.body += metrics_text(s.gate.figures());
  answer->send(std::move(r));
}

}  // namespace troupe
