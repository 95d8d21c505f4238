// Routes about runs that wait for somebody's decision.

#include "pipeline/review.hpp"
#include "transport/client_message.hpp"
#include "transport/page_query.hpp"
#include "transport/routes.hpp"

namespace troupe {

void get_reviews(service& s, const web_request& request, responder_ptr answer) {
  auto page = page_query::read(request.query);
  if (!page) return answer->send(error_response(page.error()));
  s.gate.list_reviews(
      std::move(page->after), page->limit, [answer = std::move(answer)](result<value> found) {
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
  const value told(value::table{{"run", d->run}, {"verdict", slot_value_of(d->what)}});
  s.gate.decide_review(*std::move(d), [answer = std::move(answer), told](result<void> done) {
    answer->send(done ? json_response(told) : error_response(done.error()));
  });
}

}  // namespace troupe
