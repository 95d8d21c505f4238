// What a runtime answers about runs that wait for a decision.

#include "actors/runtime_state.hpp"
#include "pipeline/review.hpp"

namespace troupe {

void runtime::list_reviews(std::string after, std::size_t limit, callback<value> done) {
  done(troupe::list_reviews(*inside_->options.records, after, limit));
}

void runtime::find_review(std::string run, callback<value> done) {
  const store& records = *inside_->options.records;
  auto found = read_reviews_of(records, run);
  if (!found) return done(std::move(found).error());
  if (!found->empty()) return done(to_value(found->front()));
  auto waited = was_suspended(records, run);
  if (!waited) return done(std::move(waited).error());
  done(no_open_review(run, *waited));
}

void runtime::decide_review(review_decision d, callback<void> done) {
  auto record = read_run(*inside_->options.records, d.run);
  if (!record) return done(std::move(record).error());
  if (!*record) return done(error{errc::not_found, "there is no run `" + d.run + "`"});
  auto conversation = (*record)->conversation.empty() ? job_name(d.run) : (*record)->conversation;
  inside_->send(std::move(conversation), decide_request{std::move(d), std::move(done)});
}

}  // namespace troupe
