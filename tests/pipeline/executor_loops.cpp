// Loops: the best attempt goes on, and there is no further one without time and tokens for it.

#include "support/executor_harness.hpp"
#include "support/graph_builder.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using harness = test::executor_harness;
using test::graph_builder;
using test::path_type;

namespace {

/// outline -> check -> (again: outline) -> publish; `check` writes score and reasons.
struct loop_graph : graph_builder {
  explicit loop_graph(int max, int plateau = 0) {
    stage("outline", {}, {"draft"});
    stage("check", {"draft"}, {"score", "reasons"});
    stage("publish", {"draft", "reasons"}, {"reply"});
    plan().stages[0].next = {to(1)};
    edge again = back_to(0, max);
    again.best_by = slot("score");
    again.plateau = plateau;
    again.exhausted = 2;
    plan().stages[1].next = {to(2, "score >= 0.8"), again};
  }
};

void round(harness& h, const std::string& draft, double score, usage used = {}) {
  h.done({draft}, used);
  h.done({score, "why " + draft});
}

/// What `publish` was given.
std::string published(const harness& h) {
  BOOST_REQUIRE(!h.started.empty());
  BOOST_TEST(h.at() == "publish");
  const auto& in = h.started.front().inputs;
  BOOST_TEST(in[1].as_text() == "why " + in[0].as_text(), "slots of two attempts are mixed");
  return in[0].as_text();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_loop)

BOOST_AUTO_TEST_CASE(judges_the_last_attempt_too) {
  loop_graph b(2);
  harness h(b.build("reply"));
  round(h, "一", 0.2);
  round(h, "二", 0.1);
  round(h, "三", 0.7);
  BOOST_TEST(published(h) == "三");
}

BOOST_AUTO_TEST_CASE(goes_on_with_all_slots_of_the_best_attempt) {
  loop_graph b(2);
  harness h(b.build("reply"));
  round(h, "一", 0.2);
  round(h, "二", 0.7);
  round(h, "三", 0.1);
  BOOST_TEST(published(h) == "二");
}

BOOST_AUTO_TEST_CASE(keeps_the_first_of_attempts_that_are_equally_good) {
  loop_graph b(5, 2);
  harness h(b.build("reply"));
  round(h, "a", 0.5);
  round(h, "b", 0.5);
  round(h, "c", 0.5);
  BOOST_TEST(published(h) == "a");
}

BOOST_AUTO_TEST_CASE(counts_a_plateau_anew_after_every_better_attempt) {
  loop_graph b(9, 2);
  harness h(b.build("reply"));
  for (auto [draft, score] : {std::pair("a", 0.1), {"b", 0.1}, {"c", 0.3}, {"d", 0.2}, {"e", 0.3}})
    round(h, draft, score);
  BOOST_TEST(published(h) == "c");
}

BOOST_AUTO_TEST_CASE(takes_words_it_has_seen_for_no_better_whatever_a_judge_elsewhere_says) {
  graph_builder b;
  b.stage("outline", {}, {"draft"});
  b.stage("judge", {"draft"}, {"score", "reasons"});
  b.stage("decide", {"score"}, {"good"});
  b.stage("publish", {"draft"}, {"reply"});
  b.plan().stages[0].next = {b.to(1)};
  b.plan().stages[1].next = {b.to(2)};
  edge again = b.back_to(0, 9);
  again.best_by = b.slot("score");
  again.plateau = 2;
  again.exhausted = 3;
  b.plan().stages[2].next = {again};
  harness h(b.build("reply"));
  double score = 0.1;
  for (const char* draft : {"a", "b", "b", "a"}) {
    // "a" was not the attempt before, but it was not the best either: judged by its score.
    h.done({draft});
    h.done({score += 0.1, "reasons"});
    h.done({false});
  }
  BOOST_TEST(h.at() == "outline");
  for (int i = 0; i < 2; ++i) {
    h.done({"a"});
    h.done({score += 0.1, "reasons"});
    h.done({false});
  }
  BOOST_TEST(h.at() == "publish");
}

BOOST_AUTO_TEST_CASE(in_a_branch_leaves_alone_what_a_branch_beside_it_has_written) {
  graph_builder b;
  b.stage("begin", {}, {"note"});
  b.stage("outline", {}, {"draft"});
  b.stage("check", {"draft"}, {"score"});
  b.stage("beside", {}, {"note"});
  b.stage("join", {"draft", "note"}, {"reply"});
  b.plan().stages[0].split = fan_out{{1, 3}, 4};
  b.plan().stages[1].next = {b.to(2)};
  edge again = b.back_to(1, 1);
  again.best_by = b.slot("score");
  again.exhausted = 4;
  b.plan().stages[2].next = {again};
  harness h(b.build("reply"));
  h.done({"old"});
  const auto beside = *std::next(h.started.begin());
  std::erase_if(h.started, [&](const start_task& t) { return t.task == beside.task; });
  round(h, "good", 0.6);
  h.apply({.what = step::kind::done, .task = beside.task, .outputs = {"new"}});
  round(h, "bad", 0.1);
  BOOST_REQUIRE(h.at() == "join");
  BOOST_TEST(h.started.front().inputs[0].as_text() == "good");
  BOOST_TEST(h.started.front().inputs[1].as_text() == "new");
}

BOOST_AUTO_TEST_CASE(has_its_rounds_measured_without_the_time_that_a_review_took) {
  loop_graph b(9);
  b.plan().deadline = 10s;
  harness h(b.build("reply"));
  h.now += 3s;
  h.done({"draft"});
  const auto check = h.take_oldest();
  h.apply({.what = step::kind::suspended,
           .task = check.task,
           .outputs = {0.0, "expired"},
           .until = h.now + 72h});
  h.now += 24h;
  h.apply({.what = step::kind::decided, .task = check.task, .outputs = {0.1, "no"}});
  BOOST_TEST(h.at() == "outline", "7 seconds are left for a round of 3");
  h.now += 4s;
  round(h, "again", 0.2);
  BOOST_TEST(h.at() == "publish", "3 seconds are not enough for a round of 4");
}

BOOST_AUTO_TEST_CASE(tries_the_next_edge_in_order_when_it_has_no_exhausted) {
  loop_graph b(1);
  b.stage("review", {"draft"}, {"reply"});
  b.plan().stages[1].next[1].exhausted = no_stage;
  b.plan().stages[1].next.push_back(b.to(3));
  harness h(b.build("reply"));
  round(h, "good", 0.6);
  round(h, "bad", 0.1);
  BOOST_TEST(h.at() == "review");
  BOOST_TEST(h.started.front().inputs[0].as_text() == "good");
}

BOOST_AUTO_TEST_CASE(has_no_further_round_when_there_is_no_time_for_one_as_long_as_the_longest) {
  loop_graph b(9);
  b.plan().deadline = 10s;
  harness h(b.build("reply"));
  for (auto took : {3s, 4s}) {
    BOOST_TEST(h.at() == "outline");
    h.now += took;
    round(h, "took " + std::to_string(took.count()), 0.1 * static_cast<double>(took.count()));
  }
  BOOST_TEST(published(h) == "took 4");

  loop_graph slow(9);
  slow.plan().deadline = 10s;
  harness first(slow.build("reply"));
  first.now += 6s;
  round(first, "slow from the start", 0.1);
  BOOST_TEST(published(first) == "slow from the start");
}

BOOST_AUTO_TEST_CASE(measures_a_round_without_the_time_in_which_nobody_was_there) {
  auto one_round = [](auto worked) {
    loop_graph b(9);
    b.plan().deadline = 10s;
    harness h(b.build("reply"));
    h.now += worked;
    h.done({"draft"});
    h.now += 5s;
    h.apply({.what = step::kind::resumed});
    h.started.pop_back();  // the same call once more
    h.done({0.1, "reasons"});
    return std::string(h.at());
  };
  BOOST_TEST(one_round(4s) == "outline");
  BOOST_TEST(one_round(6s) == "publish");
}

BOOST_AUTO_TEST_CASE(has_no_further_round_when_the_budget_has_no_tokens_for_it) {
  loop_graph b(9);
  b.plan().token_budget = 1000;
  harness h(b.build("reply"));
  round(h, "a", 0.3, {.model_calls = 1, .tokens = 400});
  round(h, "b", 0.2, {.model_calls = 1, .tokens = 300});
  BOOST_TEST(published(h) == "a");
}

BOOST_AUTO_TEST_CASE(within_a_loop_begins_anew_and_the_outer_one_keeps_its_best) {
  // outline -> [style -> polish (again: style)] -> check (again: outline) -> publish
  graph_builder b;
  b.stage("outline", {}, {"draft"});
  b.stage("style", {"draft"}, {"styled"});
  b.stage("polish", {"styled"}, {"tone"});
  b.stage("check", {"styled"}, {"score"});
  b.stage("publish", {"styled"}, {"reply"});
  b.plan().stages[0].next = {b.to(1)};
  b.plan().stages[1].next = {b.to(2)};
  edge inner = b.back_to(1, 9);
  inner.best_by = b.slot("tone");
  inner.plateau = 1;
  inner.exhausted = 3;
  b.plan().stages[2].next = {inner};
  edge outer = b.back_to(0, 1);
  outer.best_by = b.slot("score");
  outer.exhausted = 4;
  b.plan().stages[3].next = {outer};
  harness h(b.build("reply"));
  auto inner_rounds = [&](const std::string& draft, double tone) {
    h.done({draft});
    h.done({draft + "!"});
    h.done({tone});
    BOOST_TEST(h.at() == "style", "the first attempt of a round is the best so far");
    h.done({draft + "?"});
    h.done({tone / 2});
    BOOST_TEST(h.at() == "check");
    BOOST_TEST(h.started.front().inputs[0].as_text() == draft + "!");
  };
  inner_rounds("first", 0.9);
  h.done({0.6});
  inner_rounds("second", 0.4);
  h.done({0.5});
  BOOST_TEST(h.at() == "publish");
  BOOST_TEST(h.started.front().inputs[0].as_text() == "first!");
}

BOOST_AUTO_TEST_CASE(holds_a_fan_out_and_joins_it_in_every_round) {
  graph_builder b;
  b.stage("outline", {}, {"draft"});
  b.stage("tone", {"draft"}, {"tone"});
  b.stage("facts", {"draft"}, {"facts"});
  b.stage("check", {"tone", "facts"}, {"score"});
  b.stage("publish", {"draft", "tone"}, {"reply"});
  b.plan().stages[0].split = fan_out{{1, 2}, 3};
  b.plan().stages[1].next = {b.to(3)};
  edge again = b.back_to(0, 3);
  again.best_by = b.slot("score");
  again.exhausted = 4;
  b.plan().stages[3].next = {again};
  harness h(b.build("reply"));
  for (double score : {0.3, 0.6, 0.2, 0.1}) {
    h.done({"draft " + std::to_string(score)});
    h.done({score});
    h.done({score});
    h.done({score});
  }
  BOOST_TEST(h.at() == "publish");
  BOOST_TEST((h.started.front().inputs == frame{"draft " + std::to_string(0.6), 0.6}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_fan_out)

BOOST_AUTO_TEST_CASE(within_a_fan_out_joins_before_the_outer_one_does) {
  graph_builder b;
  b.stage("start", {}, {"text"});
  b.stage("left", {"text"}, {"l"});
  b.stage("a", {"l"}, {"a"});
  b.stage("b", {"l"}, {"b"});
  b.stage("ab", {"a", "b"}, {"ab"});
  b.stage("right", {"text"}, {"r"});
  b.stage("end", {"ab", "r"}, {"reply"});
  b.plan().stages[0].split = fan_out{{1, 5}, 6};
  b.plan().stages[1].split = fan_out{{2, 3}, 4};
  harness h(b.build("reply"));
  h.done({"x"});
  h.done({"left"});
  h.done({"right"});
  h.done({"a"});
  h.done({"b"});
  BOOST_TEST(h.at() == "ab");
  BOOST_TEST((h.started.front().inputs == frame{"a", "b"}));
  h.done({"ab"});
  BOOST_TEST(h.at() == "end");
  BOOST_TEST((h.started.front().inputs == frame{"ab", "right"}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(the_token_budget)

BOOST_AUTO_TEST_CASE(is_shared_by_calls_that_are_out_at_the_same_time) {
  stage_type asks;
  asks.name = "asks";
  asks.params.push_back({.name = "model", .meaning = param::meaning_type::engine_name});
  asks.ports.in = {{"item", slot_type::any, false, {}}};
  asks.ports.out = {{"texts", slot_type::any, false, {}}};
  asks.ports_for = [ports = asks.ports](const value&) { return ports; };
  graph_builder b;
  b.stage("plan", {}, {"items"});
  b.stage("write", asks).each = each_policy{b.slot("items"), b.slot("item"), 4};
  b.plan().stages[0].next = {b.to(1)};
  b.plan().token_budget = 1000;
  harness h(b.build("texts"));
  BOOST_TEST(h.started.front().tokens_left == 1000);
  h.done({value(value::list(20, value("x")))});
  std::int64_t out = 0, used = 0;
  BOOST_TEST(h.started.size() == 4U);
  for (const start_task& t : h.started) out += t.tokens_left;
  BOOST_TEST(out == 1000);
  while (!h.started.empty()) {
    const auto takes = std::min<std::int64_t>(h.started.front().tokens_left, 90);
    BOOST_TEST(takes >= 0);
    used += takes;
    h.done({"text"}, {.model_calls = 1, .tokens = takes});
  }
  BOOST_TEST((h.exec.state() == executor::status::finished));
  BOOST_TEST(used == 1000, "all of it could be used, and not one more");
}

BOOST_AUTO_TEST_SUITE_END()
