#include "transport/late_gateway.hpp"

namespace troupe {

namespace {

constexpr std::chrono::milliseconds look_again_in{1000};

error still_loading() { return {errc::unavailable, "the models are being loaded", look_again_in}; }

}  // namespace

void late_gateway::open(gateway& g) {
  std::lock_guard lock(mutex_);
  for (attachment& a : waiting_) g.attach(std::move(a.conversation), a.after, std::move(a.sink));
  waiting_.clear();
  // Last, so that nobody is detached, or submits, before being attached.
  behind_.store(&g, std::memory_order_release);
}

void late_gateway::submit(submission s, std::shared_ptr<event_sink> sink, follow what) {
  if (gateway* g = behind()) return g->submit(std::move(s), std::move(sink), what);
  auto why = still_loading();
  event e;
  e.kind = event_kind::error;
  e.message_id = std::move(s.message_id);
  e.code = why.code;
  e.text = std::move(why.message);
  e.retry_after_ms = why.retry_after->count();
  sink->deliver(std::make_shared<const event>(std::move(e)));
}

void late_gateway::attach(std::string conversation, std::uint64_t after,
                          std::shared_ptr<event_sink> sink) {
  if (!behind()) {
    std::lock_guard lock(mutex_);
    if (!behind()) {
      waiting_.push_back({std::move(conversation), after, std::move(sink)});
      return;
    }
  }
  behind()->attach(std::move(conversation), after, std::move(sink));
}

void late_gateway::detach(std::string conversation, std::shared_ptr<event_sink> sink) {
  if (!behind()) {
    std::lock_guard lock(mutex_);
    if (!behind()) {
      std::erase_if(waiting_, [&](const attachment& a) {
        return a.sink == sink && a.conversation == conversation;
      });
      return;
    }
  }
  behind()->detach(std::move(conversation), std::move(sink));
}

void late_gateway::cancel(std::string run, callback<void> done) {
  if (gateway* g = behind()) return g->cancel(std::move(run), std::move(done));
  done(still_loading());
}

void late_gateway::client_left(std::string conversation, std::string run) {
  if (gateway* g = behind()) g->client_left(std::move(conversation), std::move(run));
}

void late_gateway::give_feedback(feedback f, callback<void> done) {
  if (gateway* g = behind()) return g->give_feedback(std::move(f), std::move(done));
  done(still_loading());
}

void late_gateway::find_run(std::string run, callback<run_status> done) {
  if (gateway* g = behind()) return g->find_run(std::move(run), std::move(done));
  done(still_loading());
}

void late_gateway::list_reviews(std::string after, std::size_t limit, callback<value> done) {
  if (gateway* g = behind()) return g->list_reviews(std::move(after), limit, std::move(done));
  done(still_loading());
}

void late_gateway::find_review(std::string run, callback<value> done) {
  if (gateway* g = behind()) return g->find_review(std::move(run), std::move(done));
  done(still_loading());
}

void late_gateway::decide_review(review_decision d, callback<void> done) {
  if (gateway* g = behind()) return g->decide_review(std::move(d), std::move(done));
  done(still_loading());
}

void late_gateway::list_dead_letters(std::string after, std::size_t limit, callback<value> done) {
  if (gateway* g = behind()) return g->list_dead_letters(std::move(after), limit, std::move(done));
  done(still_loading());
}

void late_gateway::find_dead_letter(std::string run, callback<value> done) {
  if (gateway* g = behind()) return g->find_dead_letter(std::move(run), std::move(done));
  done(still_loading());
}

void late_gateway::retry_dead_letter(std::string run, callback<std::string> done) {
  if (gateway* g = behind()) return g->retry_dead_letter(std::move(run), std::move(done));
  done(still_loading());
}

void late_gateway::drop_dead_letter(std::string run, callback<void> done) {
  if (gateway* g = behind()) return g->drop_dead_letter(std::move(run), std::move(done));
  done(still_loading());
}

void late_gateway::find_conversation(std::string conversation, callback<value> done) {
  if (gateway* g = behind()) return g->find_conversation(std::move(conversation), std::move(done));
  done(still_loading());
}

void late_gateway::reload(callback<value> done) {
  if (gateway* g = behind()) return g->reload(std::move(done));
  done(still_loading());
}

void late_gateway::find_graph_files(callback<value> done) {
  if (gateway* g = behind()) return g->find_graph_files(std::move(done));
  done(still_loading());
}

value late_gateway::describe_graph() const {
  const gateway* g = behind();
  return g ? g->describe_graph() : value();
}

system_figures late_gateway::figures() const {
  const gateway* g = behind();
  return g ? g->figures() : system_figures();
}

result<void> late_gateway::ready() const {
  if (const gateway* g = behind()) return g->ready();
  return still_loading();
}

}  // namespace troupe
