// Routes about runs and conversations. A run is answered whole, or told as server-sent events to
// clients that accept those.

#include "transport/client_message.hpp"
#include "transport/routes.hpp"
#include "transport/run_watch.hpp"
#include "transport/whole_answer.hpp"

namespace troupe {

namespace {

std::string final_body(const event& e) {
  std::string out = R"({"run":)";
  append_json_string(out, e.run);
  out += R"(,"reply":)";
  append_json(out, e.reply);
  out += R"(,"slots":)";
  append_json(out, e.slots);
  out += '}';
  return out;
}

/// Answers one request with its run's events, as they come.
class streamed_answer final : public event_sink {
 public:
  streamed_answer(service& s, responder_ptr answer, std::shared_ptr<departure> left)
      : watch_(s.metrics), answer_(std::move(answer)), left_(std::move(left)) {}

  bool deliver(const event_ptr& e) override {
    // A refusal before anything was streamed keeps its HTTP status.
    if (!begun_ && e->kind == event_kind::error) {
      watch_.ended(run_outcome::failed);
      answer_->send(error_response(error_of(*e)));
      return true;
    }
    if (left_ && e->kind == event_kind::accepted) left_->accepted(e->run);
    if (!begun_) {
      begun_ = true;
      answer_->begin(event_stream_head());
    }
    if (!answer_->write(to_sse(*e))) return false;
    if (e->kind == event_kind::final || e->kind == event_kind::error) {
      watch_.ended(e->kind == event_kind::final ? run_outcome::finished : run_outcome::failed);
      answer_->end();
    }
    return true;
  }

 private:
  run_watch watch_;
  responder_ptr answer_;
  std::shared_ptr<departure> left_;
  bool begun_ = false;
};

void start_run(service& s, const web_request& request, std::string conversation,
               const responder_ptr& answer) {
  auto body = parse_run_body(request.body);
  if (!body) return answer->send(error_response(body.error()));
  body->conversation = std::move(conversation);
  auto left = departure_of(s.gate, *body, *answer);
  if (accepts_event_stream(request.accept))
    s.gate.submit(*std::move(body), std::make_shared<streamed_answer>(s, answer, std::move(left)),
                  follow::run);
  else
    s.gate.submit(*std::move(body),
                  std::make_shared<whole_answer>(s.metrics, answer, std::move(left), final_body),
                  follow::end);
}

web_response status_response(const run_status& status) {
  web_response r;
  r.body = R"({"run":)";
  append_json_string(r.body, status.run);
  if (!status.conversation.empty()) {
    r.body += R"(,"conversation":)";
    append_json_string(r.body, status.conversation);
  }
  r.body += R"(,"id":)";
  append_json_string(r.body, status.message_id);
  r.body.append(R"(,"state":")").append(name_of(status.state)).append(R"(","reply":)");
  append_json(r.body, status.reply);
  r.body += R"(,"slots":)";
  append_json(r.body, status.slots);
  if (status.failure) {
    r.body.append(R"(,"error":{"code":")").append(wire_name(status.failure->code));
    r.body += R"(","message":)";
    append_json_string(r.body, status.failure->message);
    r.body += '}';
  }
  r.body += '}';
  return r;
}

}  // namespace

void post_run(service& s, const web_request& request, responder_ptr answer) {
  start_run(s, request, "", answer);
}

void post_conversation_run(service& s, const web_request& request, responder_ptr answer) {
  start_run(s, request, request.argument, answer);
}

void get_run(service& s, const web_request& request, responder_ptr answer) {
  s.gate.find_run(request.argument, [answer = std::move(answer)](result<run_status> status) {
    answer->send(status ? status_response(*status) : error_response(status.error()));
  });
}

void get_conversation(service& s, const web_request& request, responder_ptr answer) {
  s.gate.find_conversation(request.argument, [answer = std::move(answer)](result<value> found) {
    answer->send(found ? json_response(*found) : error_response(found.error()));
  });
}

void post_feedback(service& s, const web_request& request, responder_ptr answer) {
  auto body = parse_feedback_body(request.body);
  if (!body) return answer->send(error_response(body.error()));
  web_response r;
  r.body = R"({"run":)";
  append_json_string(r.body, body->run);
  r.body.append(R"(,"rating":)").append(std::to_string(body->rating)).append("}");
  s.gate.give_feedback(*std::move(body), [answer, r = std::move(r)](result<void> done) {
    answer->send(done ? r : error_response(done.error()));
  });
}

}  // namespace troupe
