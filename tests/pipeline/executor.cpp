#include "pipeline/executor.hpp"

#include "pipeline/codec.hpp"
#include "support/executor_harness.hpp"
#include "support/graph_builder.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;
using test::graph_builder;

using harness = test::executor_harness;
using test::path_type;

BOOST_AUTO_TEST_SUITE(the_executor)

BOOST_AUTO_TEST_CASE(follows_the_first_edge_whose_condition_holds) {
  graph_builder b;
  b.stage("ask", {}, {"label"});
  b.plan().stages[0].next = {b.to(1, "label == 'refund'"), b.to(2)};
  b.stage("refund", {}, {"reply"});
  b.stage("other", {}, {"reply"});
  harness h(b.build("reply"));
  h.done({"退款"});
  BOOST_TEST((h.path == path_type{"ask", "other"}));
  h.done({"好的"});
  BOOST_TEST((h.exec.state() == executor::status::finished));
  BOOST_TEST(h.exec.reply().as_text() == "好的");

  harness again(b.build("reply"));
  again.done({"refund"});
  BOOST_TEST((again.path == path_type{"ask", "refund"}));
}

BOOST_AUTO_TEST_CASE(retries_what_the_policy_names_after_a_pause_and_no_more_than_its_attempts) {
  graph_builder b;
  auto& s = b.stage("call", {}, {"reply"});
  s.retry.attempts = 3;
  s.retry.backoff_min = 50ms;
  s.retry.backoff_max = 1s;
  harness h(b.build("reply"));
  for (int attempt = 1; attempt <= 2; ++attempt) {
    BOOST_TEST(h.started.back().attempt == attempt);
    h.failed(errc::unavailable);
    BOOST_TEST(h.started.empty());
    const auto due = h.exec.next_wakeup();
    BOOST_TEST((due > h.now && due <= h.now + 100ms));
    h.wait_until(due);
    BOOST_TEST(h.started.size() == 1U);
  }
  h.failed(errc::unavailable);
  BOOST_TEST((h.exec.state() == executor::status::failed));
  BOOST_TEST(h.exec.failure().message.find("`call`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(does_not_retry_what_would_fail_again) {
  graph_builder b;
  b.stage("call", {}, {"reply"}).retry.attempts = 3;
  harness h(b.build("reply"));
  h.failed(errc::invalid_request);
  BOOST_TEST((h.exec.state() == executor::status::failed));
}

BOOST_AUTO_TEST_CASE(tries_a_crashed_call_once_more_even_without_a_retry_policy) {
  graph_builder b;
  b.stage("call", {}, {"reply"});
  harness h(b.build("reply"));
  h.failed(errc::crashed);
  h.wait_until(h.exec.next_wakeup());
  BOOST_TEST(h.started.size() == 1U);
  h.done({"fine"});
  BOOST_TEST((h.exec.state() == executor::status::finished));
}

BOOST_AUTO_TEST_CASE(gives_up_an_attempt_at_its_timeout_and_ignores_the_late_answer) {
  graph_builder b;
  auto& s = b.stage("slow", {}, {"reply"});
  s.timeout = 300ms;
  s.on_error = 1;
  b.stage("fallback", {}, {"reply"});
  harness h(b.build("reply"));
  const auto late = h.started.front();
  h.wait_until(h.now + 300ms);
  BOOST_TEST(h.out.abandon.size() == 1U);
  BOOST_TEST((h.path == path_type{"slow", "fallback"}));
  h.apply({.what = step::kind::done, .task = late.task, .outputs = {"late"}});
  h.done({"from the fallback"});
  BOOST_TEST(h.exec.reply().as_text() == "from the fallback");
}

BOOST_AUTO_TEST_CASE(gives_every_stage_no_more_than_what_is_left_of_the_run) {
  graph_builder b;
  b.plan().deadline = 1s;
  b.stage("one", {}, {"a"}).timeout = 5s;
  b.plan().stages[0].next = {b.to(1)};
  b.stage("two", {}, {"reply"}).timeout = 700ms;
  harness h(b.build("reply"));
  const auto start = h.now;
  BOOST_TEST((h.started.back().deadline == start + 1s));
  h.now += 600ms;
  h.done({1});
  BOOST_TEST((h.started.back().deadline == start + 1s));
  h.wait_until(start + 1s);
  BOOST_TEST((h.exec.failure().code == errc::deadline));
}

BOOST_AUTO_TEST_CASE(says_of_a_call_whose_time_was_up_how_long_it_queued_and_worked) {
  for (const bool by_deadline : {false, true}) {
    graph_builder b;
    b.plan().deadline = by_deadline ? duration(2s) : duration(10s);
    b.stage("slow", {}, {"reply"}).timeout = by_deadline ? duration(10s) : duration(2s);
    harness h(b.build("reply"));
    h.now += 2s;
    const step s{.what = step::kind::timer, .at = h.now, .busy = {{h.started[0].task, 800ms}}};
    // As the journal keeps it.
    const auto kept = decode_step(encode(s));
    BOOST_REQUIRE(bool(kept));
    BOOST_TEST((kept->busy == s.busy));
    h.apply(*kept);
    BOOST_TEST(h.exec.failure().message ==
               (by_deadline ? "the run's deadline of 2s passed at attempt 1 of `slow` (queued "
                              "1200ms, worked 800ms)"
                            : "stage `slow` failed: no answer within 2s (queued 1200ms, worked "
                              "800ms)"));
  }
}

BOOST_AUTO_TEST_CASE(knows_the_most_time_that_an_attempt_can_have) {
  graph_builder b;
  b.plan().deadline = 9s;
  b.stage("free", {}, {"reply"});
  b.stage("limited", {}, {"reply"}).timeout = 3s;
  b.stage("inside", {}, {"reply"}).region = 1;
  b.plan().regions = {{.name = "outer", .deadline = 2s}, {.name = "inner", .parent = 0}};
  const auto g = b.build("reply");
  BOOST_TEST((g->time_of_attempt(0) == 9s));
  BOOST_TEST((g->time_of_attempt(1) == 3s));
  BOOST_TEST((g->time_of_attempt(2) == 2s));
}

BOOST_AUTO_TEST_CASE(takes_a_back_edge_at_most_max_times_and_goes_on_with_the_best_attempt) {
  graph_builder b;
  b.stage("outline", {}, {"draft"});
  b.stage("check", {"draft"}, {"score"});
  b.stage("publish", {"draft"}, {"reply"});
  b.plan().stages[0].next = {b.to(1)};
  edge again = b.back_to(0, 2);
  again.best_by = b.slot("score");
  again.exhausted = 2;
  b.plan().stages[1].next = {b.to(2, "score >= 0.8"), again};
  harness h(b.build("reply"));
  const double scores[] = {0.3, 0.7, 0.5};
  for (int i = 0; i < 3; ++i) {
    h.done({"draft " + std::to_string(i)});
    h.done({scores[i]});
  }
  BOOST_TEST(
      (h.path == path_type{"outline", "check", "outline", "check", "outline", "check", "publish"}));
  BOOST_TEST(h.started.back().inputs[0].as_text() == "draft 1");
}

BOOST_AUTO_TEST_CASE(stops_a_loop_early_when_attempts_get_no_better_even_if_the_judge_is_noisy) {
  graph_builder b;
  b.stage("outline", {}, {"draft"});
  b.stage("check", {"draft"}, {"score"});
  b.stage("publish", {"draft"}, {"reply"});
  b.plan().stages[0].next = {b.to(1)};
  edge again = b.back_to(0, 10);
  again.best_by = b.slot("score");
  again.plateau = 2;
  again.exhausted = 2;
  b.plan().stages[1].next = {again};
  harness h(b.build("reply"));
  for (double score : {0.3, 0.4, 0.5}) {
    h.done({"the same words"});
    h.done({score});
  }
  BOOST_TEST(h.path.back() == "publish");
}

BOOST_AUTO_TEST_CASE(joins_all_branches_of_a_fan_out) {
  graph_builder b;
  b.stage("start", {}, {"text"});
  b.stage("tone", {"text"}, {"tone"});
  b.stage("facts", {"text"}, {"facts"});
  b.stage("polish", {"tone", "facts"}, {"reply"});
  b.plan().stages[0].split = fan_out{{1, 2}, 3};
  harness h(b.build("reply"));
  h.done({"x"});
  BOOST_TEST(h.started.size() == 2U);
  h.done({"kind"});
  BOOST_TEST((h.path == path_type{"start", "tone", "facts"}));
  h.done({"true"});
  BOOST_TEST(h.path.back() == "polish");
  BOOST_TEST(h.started.back().inputs[0].as_text() == "kind");
  BOOST_TEST(h.started.back().inputs[1].as_text() == "true");
}

BOOST_AUTO_TEST_CASE(runs_an_each_stage_with_bounded_concurrency_and_keeps_the_order) {
  graph_builder b;
  b.stage("plan", {}, {"headings"});
  auto& s = b.stage("write", {"heading"}, {"sections"});
  s.each = each_policy{b.slot("headings"), b.slot("heading"), 2};
  b.plan().stages[0].next = {b.to(1)};
  harness h(b.build("sections"));
  h.done({value(value::list{"一", "二", "三"})});
  BOOST_TEST(h.started.size() == 2U);
  std::swap(h.started[0], h.started[1]);  // the second item answers first
  h.done({"for 二"});
  BOOST_TEST(h.started.size() == 2U);
  h.done({"for 一"});
  h.done({"for 三"});
  BOOST_TEST((h.exec.reply() == value(value::list{"for 一", "for 二", "for 三"})));
}

BOOST_AUTO_TEST_CASE(refuses_to_run_an_each_stage_for_more_items_than_it_may_have) {
  graph_builder b;
  b.stage("plan", {}, {"headings"});
  b.stage("write", {"heading"}, {"sections"}).each =
      each_policy{b.slot("headings"), b.slot("heading"), 2, 3};
  b.plan().stages[0].next = {b.to(1)};
  harness h(b.build("sections"));
  h.done({value(value::list{"一", "二", "三", "four"})});
  BOOST_TEST((h.exec.failure().code == errc::failed));
  BOOST_TEST(h.exec.failure().message ==
             "`write` runs once per item of `headings`, which has 4; `max` of its `each` allows 3");
}

BOOST_AUTO_TEST_CASE(gives_a_lost_call_again_as_it_was) {
  graph_builder b;
  b.stage("outline", {}, {"headings"});
  b.plan().stages[0].next = {b.to(1)};
  auto& write = b.stage("write", {"heading"}, {"text"});
  write.each = each_policy{b.slot("headings"), b.slot("heading"), 2};
  harness h(b.build("text"));
  h.done({value(value::list{"one", "二"})});
  BOOST_REQUIRE(h.started.size() == 2U);
  const start_task& first = h.started[1];
  const start_task again = h.exec.call_of(first.task);
  BOOST_TEST(again.task == first.task);
  BOOST_TEST(again.item == 1);
  BOOST_TEST((again.inputs == first.inputs));
  BOOST_TEST((again.inputs == frame{"二"}));
  BOOST_TEST((again.deadline == first.deadline));
}

BOOST_AUTO_TEST_CASE(ends_at_once_when_cancelled) {
  graph_builder b;
  b.stage("slow", {}, {"reply"});
  harness h(b.build("reply"));
  h.apply({.what = step::kind::cancel, .failure = {errc::cancelled, "enough"}});
  BOOST_TEST(h.out.abandon.size() == 1U);
  BOOST_TEST((h.exec.failure().code == errc::cancelled));
}

BOOST_AUTO_TEST_CASE(starts_interrupted_work_again_under_the_same_attempt_and_gives_back_the_time) {
  graph_builder b;
  b.plan().deadline = 1s;
  b.stage("slow", {}, {"reply"});
  harness h(b.build("reply"));
  const auto first = h.started.front();
  h.now += 1h;
  h.apply({.what = step::kind::resumed});
  BOOST_TEST(h.out.start.size() == 1U);
  BOOST_TEST(h.out.start[0].task == first.task);
  BOOST_TEST(h.out.start[0].attempt == first.attempt);
  BOOST_TEST((h.exec.deadline() == h.now + 1s));
}

BOOST_AUTO_TEST_CASE(does_not_try_again_what_has_crashed_its_stage_twice) {
  graph_builder b;
  auto& s = b.stage("call", {}, {"reply"});
  s.retry.attempts = 10;
  s.retry.on = {errc::crashed, errc::unavailable};
  harness h(b.build("reply"));
  h.failed(errc::crashed);
  h.wait_until(h.exec.next_wakeup());
  h.failed(errc::unavailable);
  h.wait_until(h.exec.next_wakeup());
  h.failed(errc::crashed);
  BOOST_TEST((h.exec.state() == executor::status::failed));
  BOOST_TEST((h.exec.failure().code == errc::crashed));
  BOOST_TEST(h.exec.failure().message.find("twice") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rests_while_a_decision_is_waited_for_and_goes_on_with_what_was_decided) {
  graph_builder b;
  b.plan().deadline = 10s;
  b.stage("write", {}, {"draft"});
  b.plan().stages[0].next = {b.to(1)};
  b.stage("review", {"draft"}, {"text", "verdict"});
  b.plan().stages[1].next = {b.to(2, "verdict == 'approved'"), b.to(3)};
  b.stage("publish", {"text"}, {"reply"});
  b.stage("drop", {}, {"reply"});
  const auto plan = b.build("reply");

  auto until_review = [&] {
    harness h(plan);
    h.now += 4s;
    h.done({"a draft"});
    h.apply({.what = step::kind::suspended,
             .task = h.started.front().task,
             .outputs = {"a draft", "expired"},
             .until = h.now + 72h});
    h.started.clear();
    return h;
  };

  harness h = until_review();
  BOOST_TEST(h.exec.resting());
  BOOST_TEST((h.exec.next_wakeup() == h.now + 72h));
  BOOST_REQUIRE(h.exec.open_decisions().size() == 1U);
  const auto task = h.exec.open_decisions()[0].task;
  BOOST_TEST((h.exec.call_of(task).inputs == frame{"a draft"}));
  // Two days are no part of the ten seconds.
  h.now += 48h;
  h.apply({.what = step::kind::decided, .task = task, .outputs = {"a better one", "approved"}});
  BOOST_TEST(h.out.closed.size() == 1U);
  BOOST_TEST(!h.exec.resting());
  BOOST_TEST((h.exec.deadline() == h.now + 6s));
  BOOST_TEST(h.path.back() == "publish");
  BOOST_TEST((h.started.front().inputs == frame{"a better one"}));
  // A second decision comes too late.
  h.apply({.what = step::kind::decided, .task = task, .outputs = {"no", "rejected"}});
  BOOST_TEST(h.path.back() == "publish");

  harness expired = until_review();
  expired.wait_until(expired.now + 72h);
  BOOST_TEST(expired.path.back() == "drop");
  BOOST_TEST((expired.exec.slots()[static_cast<std::size_t>(plan->find_slot("verdict"))] ==
              value("expired")));

  harness cancelled = until_review();
  cancelled.apply({.what = step::kind::cancel, .failure = {errc::cancelled, "enough"}});
  BOOST_TEST(cancelled.out.closed.size() == 1U);
  BOOST_TEST(cancelled.out.abandon.empty());
}

BOOST_AUTO_TEST_CASE(goes_round_a_loop_again_however_long_a_decision_in_it_took) {
  graph_builder b;
  b.plan().deadline = 10s;
  b.stage("write", {}, {"draft"});
  b.plan().stages[0].next = {b.to(1)};
  b.stage("review", {"draft"}, {"reply", "verdict"});
  b.plan().stages[1].next = {b.to(2, "verdict == 'approved'"), b.back_to(0, 2)};
  b.stage("publish", {}, {"done"});
  harness h(b.build("reply"));
  for (const char* verdict : {"rejected", "rejected", "approved"}) {
    h.done({"a draft"});
    const auto task = h.started.front().task;
    h.started.clear();
    h.apply({.what = step::kind::suspended,
             .task = task,
             .outputs = {"a draft", "expired"},
             .until = h.now + 72h});
    h.now += 24h;
    h.apply({.what = step::kind::decided, .task = task, .outputs = {"a draft", verdict}});
  }
  BOOST_TEST(h.path.back() == "publish");
  BOOST_TEST((h.exec.deadline() == h.now + 10s));
}

BOOST_AUTO_TEST_CASE(a_decision_that_is_waited_for_does_not_stop_the_clock_of_another_branch) {
  graph_builder b;
  b.plan().deadline = 10s;
  b.stage("start", {}, {"text"});
  b.stage("review", {}, {"verdict"});
  b.stage("work", {}, {"facts"});
  b.stage("join", {}, {"reply"});
  b.plan().stages[0].split = fan_out{{1, 2}, 3};
  harness h(b.build("reply"));
  h.done({"x"});
  const auto review = h.started[0].task, work = h.started[1].task;
  const auto begun = h.now;
  h.apply(
      {.what = step::kind::suspended, .task = review, .outputs = {"expired"}, .until = h.now + 1h});
  BOOST_TEST(!h.exec.resting());
  BOOST_TEST((h.exec.next_wakeup() == begun + 10s));
  h.now += 3s;
  h.apply({.what = step::kind::done, .task = work, .outputs = {"true"}});
  BOOST_TEST(h.exec.resting());
  h.now += 30min;
  h.apply({.what = step::kind::decided, .task = review, .outputs = {"approved"}});
  BOOST_TEST((h.exec.deadline() == begun + 10s + 30min));
  BOOST_TEST(h.path.back() == "join");
}

BOOST_AUTO_TEST_CASE(fails_a_run_that_ends_without_writing_its_output) {
  graph_builder b;
  b.stage("only", {}, {"other"});
  harness h(b.build("reply"));
  h.done({"x"});
  BOOST_TEST(h.exec.failure().message.find("`reply`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
