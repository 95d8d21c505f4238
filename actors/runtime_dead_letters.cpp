// Runs that could not be finished: what a runtime tells of them, and another try.

#include "actors/runtime_state.hpp"
#include "model/resilient_engine.hpp"
#include "pipeline/dead_letter.hpp"

namespace troupe {

namespace {

/// Waits for a retried run to be accepted; only then is the dead letter of the first one let go.
class acceptance final : public event_sink {
 public:
  acceptance(std::function<void(const std::string&)> accepted,
             gateway::callback<std::string> refused)
      : accepted_(std::move(accepted)), refused_(std::move(refused)) {}

  bool deliver(const event_ptr& e) override {
    if (e->kind == event_kind::accepted)
      accepted_(e->run);
    else if (e->kind == event_kind::error)
      refused_(error{e->code, e->text});
    return false;
  }

 private:
  std::function<void(const std::string&)> accepted_;
  gateway::callback<std::string> refused_;
};

}  // namespace

void runtime::list_dead_letters(std::string after, std::size_t limit, callback<value> done) {
  done(troupe::list_dead_letters(*inside_->options.records, after, limit));
}

void runtime::find_dead_letter(std::string run, callback<value> done) {
  auto found = read_dead_letter(*inside_->options.records, run);
  if (!found) return done(std::move(found).error());
  done(dead_letter_value(*found));
}

void runtime::retry_dead_letter(std::string run, callback<std::string> done) {
  auto found = read_dead_letter(*inside_->options.records, run);
  if (!found) return done(std::move(found).error());
  submission again{.conversation = found->conversation,
                   .message_id = "retry-" + run,
                   .owner = found->owner,
                   .input = found->input.as_table()};
  auto accepted = [journal = inside_->journal.get(), run, done](const std::string& fresh) {
    journal->append({erase(family::dead_letters, run)}, durability::synced,
                    [done, fresh](result<void> gone) {
                      if (!gone) return done(std::move(gone).error());
                      done(fresh);
                    });
  };
  submit(std::move(again), std::make_shared<acceptance>(std::move(accepted), done), follow::none);
}

void runtime::drop_dead_letter(std::string run, callback<void> done) {
  auto found = read_dead_letter(*inside_->options.records, run);
  if (!found) return done(std::move(found).error());
  inside_->journal->append({erase(family::dead_letters, run)}, durability::synced, std::move(done));
}

system_figures runtime::figures() const {
  system_figures all;
  const auto current = inside_->versions.current();
  for (const auto& pool : current->pools) all.stages.push_back(pool->figures());
  for (const auto& [name, engine] : current->services->engines) {
    all.engines.push_back(figures_of(*engine));
    all.engines.back().model = name;
  }
  all.live_conversations = inside_->live->load();
  const auto count = [&](family f) {
    std::size_t n = 0;
    (void)inside_->options.records->scan(f, "", "", [&](std::string_view, std::string_view) {
      ++n;
      return true;
    });
    return n;
  };
  all.reviews_waiting = count(family::reviews);
  all.dead_letters = count(family::dead_letters);
  return all;
}

}  // namespace troupe
