#pragma once
// The table of everything that can be asked over HTTP.

#include "transport/service.hpp"
#include "transport/web_message.hpp"

#include <span>

namespace troupe {

/// Answers through the responder, at once or later, from any thread.
using route_handler = void (*)(service& s, const web_request& request, responder_ptr answer);

/// How a route is spoken to.
enum class route_kind : unsigned char {
  plain,
  admin,      ///< answers only programs on this machine
  websocket,  ///< a request to upgrade is taken over before the handler; others reach it
};

struct route {
  web_method method;
  std::string_view pattern;  ///< `{}` stands for one segment
  route_handler run;
  route_kind kind = route_kind::plain;
};

std::span<const route> routes();

struct route_match {
  std::size_t index;     ///< in `routes()`; its size when nothing fits
  std::string argument;  ///< what stood for `{}`, decoded
  bool bad_argument;     ///< it is not 1 to 128 bytes of UTF-8 without control characters
  std::string allow;     ///< methods of this path, when the path exists and the method does not fit
};

/// HEAD finds the route of GET. OPTIONS finds none but fills `allow`.
route_match find_route(web_method method, std::string_view path);

// The handlers, by file. runs.cpp:
void post_run(service& s, const web_request& request, responder_ptr answer);
void post_conversation_run(service& s, const web_request& request, responder_ptr answer);
void get_run(service& s, const web_request& request, responder_ptr answer);
void get_conversation(service& s, const web_request& request, responder_ptr answer);
void post_feedback(service& s, const web_request& request, responder_ptr answer);
// reviews.cpp:
void get_reviews(service& s, const web_request& request, responder_ptr answer);
void get_review(service& s, const web_request& request, responder_ptr answer);
void post_review(service& s, const web_request& request, responder_ptr answer);
// dead_letters.cpp:
void get_dead_letters(service& s, const web_request& request, responder_ptr answer);
void get_dead_letter(service& s, const web_request& request, responder_ptr answer);
void post_dead_letter(service& s, const web_request& request, responder_ptr answer);
// completions.cpp:
void post_completion(service& s, const web_request& request, responder_ptr answer);
void get_models(service& s, const web_request& request, responder_ptr answer);
// operations.cpp:
void get_page(service& s, const web_request& request, responder_ptr answer);
void get_chat(service& s, const web_request& request, responder_ptr answer);
void get_health(service& s, const web_request& request, responder_ptr answer);
void get_ready(service& s, const web_request& request, responder_ptr answer);
void get_graph(service& s, const web_request& request, responder_ptr answer);
void get_metrics(service& s, const web_request& request, responder_ptr answer);
// admin.cpp:
void post_reload(service& s, const web_request& request, responder_ptr answer);
void get_graph_files(service& s, const web_request& request, responder_ptr answer);

}  // namespace troupe
