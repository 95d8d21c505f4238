// Routes about runs that could not be finished.

#include "transport/client_message.hpp"
#include "transport/page_query.hpp"
#include "transport/routes.hpp"

namespace troupe {

void get_dead_letters(service& s, const web_request& request, responder_ptr answer) {
  auto page = page_query::read(request.query);
  if (!page) return answer->send(error_response(page.error()));
  s.gate.list_dead_letters(
      std::move(page->after), page->limit, [answer = std::move(answer)](result<value> found) {
        if (!found) return answer->send(error_response(found.error()));
        answer->send(json_response(value(value::table{{"dead_letters", std::move(*found)}})));
      });
}

void get_dead_letter(service& s, const web_request& request, responder_ptr answer) {
  s.gate.find_dead_letter(request.argument, [answer = std::move(answer)](result<value> found) {
    answer->send(found ? json_response(*found) : error_response(found.error()));
  });
}

void post_dead_letter(service& s, const web_request& request, responder_ptr answer) {
  auto action = parse_dead_letter_body(request.body);
  if (!action) return answer->send(error_response(action.error()));
  const std::string& run = request.argument;
  if (*action == dead_letter_action::drop)
    return s.gate.drop_dead_letter(run, [answer = std::move(answer), run](result<void> done) {
      if (!done) return answer->send(error_response(done.error()));
      answer->send(json_response(value(value::table{{"run", run}, {"dropped", true}})));
    });
  s.gate.retry_dead_letter(run, [answer = std::move(answer), run](result<std::string> fresh) {
    if (!fresh) return answer->send(error_response(fresh.error()));
    answer->send(json_response(value(value::table{{"run", *fresh}, {"retry_of", run}})));
  });
}

}  // namespace troupe
