#pragma once
// Answers one HTTP request with the end of its run; or with 202 when the run waits for somebody's
// decision, which may take days.

#include "transport/departure.hpp"
#include "transport/routes.hpp"
#include "transport/run_watch.hpp"

#include <functional>

namespace troupe {

class whole_answer final : public event_sink {
 public:
  /// The body of the response for the run's final.
  using body_of_final = std::function<std::string(const event&)>;

  /// `left` may be nullptr.
  whole_answer(std::shared_ptr<transport_metrics> metrics, responder_ptr answer,
               std::shared_ptr<departure> left, body_of_final body)
      : watch_(std::move(metrics)),
        answer_(std::move(answer)),
        left_(std::move(left)),
        body_(std::move(body)) {}

  bool deliver(const event_ptr& e) override {
    if (e->kind == event_kind::accepted) {
      if (left_) left_->accepted(e->run);
    } else if (e->kind == event_kind::final) {
      watch_.ended(run_outcome::finished);
      web_response r;
      r.body = body_(*e);
      answer_->send(std::move(r));
    } else if (e->kind == event_kind::error) {
      watch_.ended(run_outcome::failed);
      answer_->send(error_response(error_of(*e)));
    } else if (e->kind == event_kind::stage && e->state == stage_state::waiting) {
      answer_->send(waiting_response(*e));
      return false;
    }
    return true;
  }

 private:
  run_watch watch_;
  responder_ptr answer_;
  std::shared_ptr<departure> left_;
  body_of_final body_;
};

}  // namespace troupe
