#include "cli/run_end.hpp"

#include <unistd.h>

#include <future>
#include <iostream>
#include <thread>

namespace troupe {

namespace {

/// What the person at the terminal says; nothing at the end of input.
std::optional<review_decision> ask_for_decision(const value& review) {
  auto text = [&](std::string_view key) {
    const value* v = review.find(key);
    return v ? v->to_text() : std::string();
  };
  std::cerr << "\n--- `" << text("stage") << "` asks for a review ---\n" << text("draft") << '\n';
  for (const char* key : {"score", "reasons"})
    if (review.find(key)) std::cerr << key << ": " << text(key) << '\n';
  review_decision d{.run = text("run"), .task = {}, .text = {}, .comment = {}, .reviewer = {}};
  for (std::string line;;) {
    std::cerr << "approve, reject or edit? [a/r/e] " << std::flush;
    if (!std::getline(std::cin, line)) return std::nullopt;
    const char key = line.empty() ? ' ' : line[0];
    if (key == 'a') return d;
    if (key == 'r') {
      d.what = verdict::reject;
      std::cerr << "why? " << std::flush;
      std::getline(std::cin, d.comment);
      return d;
    }
    if (key != 'e') continue;
    d.what = verdict::edit;
    std::cerr << "the new text, until a line with a single dot:\n";
    while (std::getline(std::cin, line) && line != ".") d.text += line + '\n';
    if (d.text.ends_with('\n')) d.text.pop_back();
    if (!d.text.empty()) return d;
  }
}

}  // namespace

bool waits(const event& e) {
  return e.kind == event_kind::stage && e.state == stage_state::waiting;
}

void print_end(command_context& c, const event& end, const end_options& o) {
  if (o.json)
    std::cout << to_json(end) << '\n';
  else if (end.kind == event_kind::final)
    std::cout << end.reply.to_text() << '\n';
  if (end.kind == event_kind::error) return complain(c, end.text);
  if (!waits(end)) return;
  if (o.data.empty())
    return complain(c, "the run waits for a review at stage `" + end.stage +
                           "`, and nobody can decide: keep it with --data DIR, or let every draft "
                           "pass with --approve");
  const auto how = " " + end.run + " --data " + o.data + '\n';
  std::cerr << "run " << end.run << " waits for a review at stage `" << end.stage << "`\n"
            << "  troupe reviews show" << how << "  troupe reviews approve" << how;
}

event wait_for_run(troupe::runtime& runtime, const std::string& run) {
  constexpr auto glance = std::chrono::milliseconds(20);
  using state = run_status::state_type;
  for (;; std::this_thread::sleep_for(glance)) {
    std::promise<result<run_status>> found;
    runtime.find_run(run, [&](result<run_status> s) { found.set_value(std::move(s)); });
    auto status = found.get_future().get();
    event e;
    e.run = run;
    if (!status) {
      e.kind = event_kind::error;
      e.code = status.error().code;
      e.text = status.error().message;
      return e;
    }
    e.message_id = status->message_id;
    if (status->state == state::finished) {
      e.kind = event_kind::final;
      e.reply = status->reply;
      e.slots = status->slots;
      return e;
    }
    if (status->state == state::failed && status->failure) {
      e.kind = event_kind::error;
      e.code = status->failure->code;
      e.text = status->failure->message;
      return e;
    }
    if (status->state != state::waiting) continue;
    e.state = stage_state::waiting;
    std::promise<result<value>> review;
    runtime.find_review(run, [&](result<value> r) { review.set_value(std::move(r)); });
    if (const auto asked = review.get_future().get(); asked && asked->find("stage"))
      e.stage = asked->find("stage")->as_text();
    return e;
  }
}

decider decider_at_terminal(const std::string& data) {
  const bool somebody = isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
  return data.empty() && somebody ? decider::terminal : decider::nobody;
}

bool decide(troupe::runtime& runtime, const event& waiting, decider who) {
  if (who == decider::nobody) return false;
  review_decision d{.run = waiting.run, .task = {}, .text = {}, .comment = {}, .reviewer = {}};
  if (who == decider::terminal) {
    std::promise<result<value>> found;
    runtime.find_review(waiting.run, [&](result<value> r) { found.set_value(std::move(r)); });
    const auto review = found.get_future().get();
    auto decided = review ? ask_for_decision(*review) : std::nullopt;
    if (!decided) return false;
    d = std::move(*decided);
  }
  std::promise<bool> done;
  runtime.decide_review(std::move(d), [&](result<void> r) { done.set_value(bool(r)); });
  return done.get_future().get();
}

}  // namespace troupe
