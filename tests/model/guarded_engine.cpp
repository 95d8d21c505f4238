#include "model/guarded_engine.hpp"

#include "pipeline/skipping_clock.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <numeric>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// What one call of an engine does: it says a text, and then succeeds, fails, or runs out of time.
struct act {
  std::string text = {};
  std::optional<error> failure = std::nullopt;
  finish_reason reason = finish_reason::stop;
};

class acting_engine final : public resilient_engine {
 public:
  explicit acting_engine(std::deque<act> acts) : acts_(std::move(acts)) {}
  result<engine_answer> answer(const engine_call& call) override {
    requests.push_back(call.request);
    begin_by = call.begin_by;
    const act now = acts_.front();
    if (acts_.size() > 1) acts_.pop_front();
    if (!now.text.empty()) call.on_text(now.text);
    if (now.failure && call.wasted) call.wasted({.model_calls = 0, .tokens = 10});
    if (now.failure) return *now.failure;
    engine_answer out;
    out.made.text = now.text;
    out.made.reason = now.reason;
    out.made.prompt_tokens = 5;
    out.made.output_tokens = 2;
    out.reasoning = "hm";
    return out;
  }
  engine_figures figures() const override { return {.retries = 4}; }
  std::vector<generation_request> requests;
  time_point begin_by;

 private:
  std::deque<act> acts_;
};

const error down{errc::unavailable, "down"};

struct with_guarded {
  skipping_clock time;
  generation_request request;
  std::string seen;
  usage wasted;

  with_guarded() { request.total_tokens = 100; }

  std::shared_ptr<acting_engine> make(std::deque<act> acts) {
    return std::make_shared<acting_engine>(std::move(acts));
  }
  std::shared_ptr<resilient_engine> guard(std::shared_ptr<engine> inner,
                                          std::shared_ptr<engine> fallback,
                                          breaker_policy breaker = {}) {
    return make_guarded_engine(
        std::move(inner),
        {.name = "first", .breaker = breaker, .fallback = std::move(fallback), .time = &time});
  }
  result<generation> ask(resilient_engine& e, bool rewinds = false, bool again = false) {
    engine_call call{.request = request,
                     .on_text = [this](std::string_view piece) { seen += piece; },
                     .wasted =
                         [this](usage u) {
                           wasted.model_calls += u.model_calls;
                           wasted.tokens += u.tokens;
                         },
                     .again = again};
    if (rewinds) call.rewind = [this] { seen += "<"; };
    auto answered = e.answer(call);
    if (!answered) return std::move(answered).error();
    return std::move(answered->made);
  }
};

std::uint64_t times_told(const histogram& h) {
  return std::accumulate(h.counts().begin(), h.counts().end(), std::uint64_t{0});
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_guarded_engine, with_guarded)

BOOST_AUTO_TEST_CASE(falls_back_before_the_first_piece) {
  for (errc code : {errc::unavailable, errc::overloaded, errc::rate_limited, errc::timeout,
                    errc::unauthorized, errc::not_found, errc::internal}) {
    auto second = make({{.text = "你好"}});
    auto e = guard(make({{.text = {}, .failure = error{code, "no"}}}), second);
    auto made = ask(*e);
    BOOST_REQUIRE(made);
    BOOST_TEST(made->text == "你好");
    BOOST_TEST(second->requests.at(0).total_tokens == 90);
  }
  BOOST_TEST(wasted.model_calls == 7);
  BOOST_TEST(wasted.tokens == 70);
}

BOOST_AUTO_TEST_CASE(does_not_fall_back_on_what_is_the_callers_fault) {
  for (errc code : {errc::invalid_request, errc::budget, errc::failed, errc::cancelled}) {
    auto second = make({{.text = "x"}});
    auto made = ask(*guard(make({{.text = {}, .failure = error{code, "no"}}}), second));
    BOOST_TEST((made.error().code == code));
    BOOST_TEST(second->requests.empty());
  }
}

BOOST_AUTO_TEST_CASE(falls_back_after_the_first_piece_only_if_that_can_be_taken_back) {
  auto e = guard(make({{.text = "half", .failure = down}}), make({{.text = "whole"}}));
  BOOST_TEST((ask(*e, false).error().code == errc::unavailable));
  BOOST_TEST(seen == "half");
  seen.clear();
  BOOST_REQUIRE(ask(*e, true));
  BOOST_TEST(seen == "half<whole");
}

BOOST_AUTO_TEST_CASE(says_what_both_engines_said_when_both_fail) {
  auto e = guard(make({{.text = {}, .failure = down}}),
                 make({{.text = {}, .failure = error{errc::overloaded, "full"}}}));
  auto made = ask(*e);
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == errc::overloaded));
  BOOST_TEST(made.error().message == "down; its fallback: full");
}

BOOST_AUTO_TEST_CASE(leaves_an_engine_alone_that_failed_too_often_and_tries_it_again_later) {
  auto first = make({{.text = {}, .failure = down}, {.text = {}, .failure = down}, {.text = "up"}});
  auto e = guard(first, make({{.text = "second"}}), {.failures = 2, .open = 10s});
  for (int i = 0; i < 5; ++i) BOOST_TEST(ask(*e)->text == "second");
  BOOST_TEST(first->requests.size() == 2u);
  BOOST_TEST(e->figures().breaker_open);
  time.skip_to(time.now() + 11s);
  BOOST_TEST(ask(*e)->text == "up");
  BOOST_TEST(!e->figures().breaker_open);
  const auto f = e->figures();
  BOOST_TEST(f.requests == 3u);
  BOOST_TEST(f.failures == 2u);
  BOOST_TEST(f.fallbacks == 5u);
  BOOST_TEST(f.prompt_tokens == 5u);
  BOOST_TEST(f.output_tokens == 2u);
  BOOST_TEST(f.answered[static_cast<std::size_t>(finish_reason::stop)] == 1u);
  BOOST_TEST(times_told(f.first_text) == 1u);
  BOOST_TEST(times_told(f.whole) == 3u);
  BOOST_TEST(f.running == 0);
  BOOST_TEST(f.retries == 4u);
}

BOOST_AUTO_TEST_CASE(without_a_fallback_says_when_it_will_be_tried_again) {
  auto e = guard(make({{.text = {}, .failure = down}}), nullptr, {.failures = 1, .open = 10s});
  BOOST_TEST((ask(*e).error().code == errc::unavailable));
  auto refused = ask(*e);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("`first`") != std::string::npos);
  BOOST_REQUIRE(refused.error().retry_after.has_value());
  BOOST_TEST((*refused.error().retry_after > 9s && *refused.error().retry_after <= 10s));
}

BOOST_AUTO_TEST_CASE(that_says_nothing_before_the_deadline_counts_as_down) {
  auto e = guard(make({{.text = {}, .failure = {}, .reason = finish_reason::deadline}}), nullptr,
                 {.failures = 2, .open = 10s});
  for (int i = 0; i < 2; ++i) BOOST_TEST((ask(*e)->reason == finish_reason::deadline));
  BOOST_TEST(!ask(*e).has_value());
}

BOOST_AUTO_TEST_CASE(that_refuses_or_is_full_or_is_cancelled_is_not_down) {
  for (act a : {act{.text = {}, .failure = error{errc::invalid_request, "no"}},
                act{.text = {}, .failure = error{errc::overloaded, "full"}},
                act{.text = {}, .failure = {}, .reason = finish_reason::cancelled},
                act{.text = "half", .failure = {}, .reason = finish_reason::deadline}}) {
    auto e = guard(make({a}), nullptr, {.failures = 1, .open = 10s});
    (void)ask(*e);
    BOOST_TEST(!e->figures().breaker_open);
  }
}

BOOST_AUTO_TEST_CASE(gives_an_engine_half_of_the_time_to_begin_if_another_one_waits) {
  auto first = make({{.text = "x"}});
  const auto before = time.now();
  request.deadline = before + 8s;
  BOOST_REQUIRE(ask(*guard(first, make({{.text = "y"}}))));
  BOOST_TEST((first->begin_by - before > 3s && first->begin_by - before < 5s));
  BOOST_REQUIRE(ask(*guard(first, nullptr)));
  BOOST_TEST((first->begin_by == time_point::max()));
}

BOOST_AUTO_TEST_CASE(lets_the_next_attempt_of_a_stage_go_to_the_fallback_at_once) {
  auto first = make({{.text = "half", .failure = down}, {.text = "up"}});
  auto e = guard(first, make({{.text = "second"}}));
  BOOST_TEST(!ask(*e).has_value());
  BOOST_TEST(ask(*e, false, true)->text == "second");
  BOOST_TEST(first->requests.size() == 1u);
  BOOST_TEST(ask(*e)->text == "up");
  BOOST_TEST(ask(*e, false, true)->text == "up");
}

BOOST_AUTO_TEST_CASE(guards_any_engine_and_passes_thoughts_on) {
  class plain_engine final : public engine {
    result<generation> generate(const generation_request&,
                                const std::function<void(std::string_view)>& on_text) override {
      on_text("plain");
      generation made;
      made.text = "plain";
      return made;
    }
  };
  auto plain = std::make_shared<plain_engine>();
  BOOST_TEST(ask(*guard(plain, nullptr))->text == "plain");
  BOOST_TEST(seen == "plain");
  BOOST_TEST(figures_of(*plain).requests == 0u);
  auto e = guard(make({{.text = "x"}}), nullptr);
  BOOST_TEST(e->answer({.request = request, .on_text = [](std::string_view) {}})->reasoning ==
             "hm");
  BOOST_TEST(figures_of(*e).requests == 1u);
}

BOOST_AUTO_TEST_CASE(falls_back_from_one_to_another_to_a_third) {
  auto third = guard(make({{.text = "third"}}), nullptr);
  auto second = guard(make({{.text = {}, .failure = down}}), third);
  auto e = guard(make({{.text = {}, .failure = down}}), second);
  BOOST_TEST(ask(*e)->text == "third");
  BOOST_TEST(wasted.model_calls == 2);
}

BOOST_AUTO_TEST_SUITE_END()
