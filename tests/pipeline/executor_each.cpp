// `each`: once per item, at most so many at a time, results in the order of the items.

#include "support/executor_harness.hpp"
#include "support/graph_builder.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using harness = test::executor_harness;
using test::graph_builder;
using test::path_type;

namespace {

/// plan -> write (each heading) -> print
struct outline_graph : graph_builder {
  explicit outline_graph(int concurrency) {
    stage("plan", {}, {"headings"});
    stage("write", {"heading"}, {"sections"}).each =
        each_policy{slot("headings"), slot("heading"), concurrency, 10'000};
    stage("print", {"sections"}, {"reply"});
    plan().stages[0].next = {to(1)};
    plan().stages[1].next = {to(2)};
  }
};

value numbers(int count) {
  value::list all;
  for (int i = 0; i < count; ++i) all.emplace_back(i);
  return value(std::move(all));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(each)

BOOST_AUTO_TEST_CASE(over_an_empty_list_gives_an_empty_list_and_goes_on) {
  outline_graph b(4);
  harness h(b.build("reply"));
  h.done({value(value::list{})});
  BOOST_TEST((h.path == path_type{"plan", "write", "print"}));
  BOOST_TEST((h.started.front().inputs[0] == value(value::list{})));
  BOOST_TEST(h.out.reports.size() == 4U, "both ends of `plan`, `write` ended, `print` began");
}

BOOST_AUTO_TEST_CASE(takes_items_that_are_lists_and_gives_lists_of_lists) {
  outline_graph b(1);
  harness h(b.build("reply"));
  h.done({value(value::list{value(value::list{"一", "二"}), value(value::list{})})});
  BOOST_TEST((h.started.front().inputs[0] == value(value::list{"一", "二"})));
  h.done({value(value::list{1, 2})});
  BOOST_TEST((h.started.front().inputs[0] == value(value::list{})));
  h.done({value(value::list{})});
  BOOST_TEST((h.started.front().inputs[0] ==
              value(value::list{value(value::list{1, 2}), value(value::list{})})));
}

BOOST_AUTO_TEST_CASE(over_something_else_than_a_list_fails_and_names_the_slot) {
  outline_graph b(1);
  harness h(b.build("reply"));
  h.done({"a, b"});
  BOOST_TEST((h.exec.state() == executor::status::failed));
  BOOST_TEST(h.exec.failure().message.find("`headings`, which is text") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tries_a_failed_item_again_and_keeps_its_place) {
  outline_graph b(2);
  b.plan().stages[1].retry.attempts = 2;
  harness h(b.build("reply"));
  h.done({numbers(3)});
  h.failed(errc::unavailable);  // item 0
  h.done({"one"});
  h.done({"two"});
  BOOST_TEST(h.started.empty());
  h.wait_until(h.exec.next_wakeup());
  BOOST_TEST(h.started.front().item == 0);
  BOOST_TEST(h.started.front().attempt == 2);
  h.done({"zero"});
  BOOST_TEST((h.started.front().inputs[0] == value(value::list{"zero", "one", "two"})));
}

BOOST_AUTO_TEST_CASE(ends_as_a_whole_when_an_item_fails_for_good) {
  outline_graph b(3);
  b.stage("sorry", {}, {"reply"});
  b.plan().stages[1].on_error = 3;
  harness h(b.build("reply"));
  h.done({numbers(5)});
  const auto late = h.started.back();
  h.failed(errc::failed);
  BOOST_TEST(h.out.abandon.size() == 2U);
  BOOST_TEST(h.path.back() == "sorry");
  h.apply({.what = step::kind::done, .task = late.task, .outputs = {"late"}});
  BOOST_TEST(h.started.size() == 1U);
  BOOST_TEST(h.exec.slots()[static_cast<std::size_t>(b.slot("sections"))].is_none());

  b.plan().stages[1].on_error = no_stage;
  harness again(b.build("reply"));
  again.done({numbers(5)});
  again.failed(errc::failed);
  BOOST_TEST((again.exec.state() == executor::status::failed));
  BOOST_TEST(again.started.empty());
}

BOOST_AUTO_TEST_CASE(never_has_more_out_than_its_stage_takes) {
  outline_graph b(100);
  b.plan().stages[1].replicas = 2;
  b.plan().stages[1].queue = 5;
  harness h(b.build("reply"));
  h.done({numbers(50)});
  for (int i = 0; i < 50; ++i) h.done({i});
  BOOST_TEST(h.most_at_once == 7U);
  BOOST_TEST((h.started.front().inputs[0] == numbers(50)));
}

BOOST_AUTO_TEST_CASE(goes_over_ten_thousand_items_within_its_concurrency_and_in_order) {
  outline_graph b(8);
  harness h(b.build("reply"));
  h.done({numbers(10'000)});
  std::uint64_t random = 1;
  for (int i = 0; i < 10'000; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    const auto which = (random >> 33) % h.started.size();
    std::swap(h.started.front(), h.started[which]);
    h.done({h.started.front().inputs[0]});
  }
  BOOST_TEST(h.most_at_once == 8U);
  BOOST_TEST((h.started.front().inputs[0] == numbers(10'000)));
}

BOOST_AUTO_TEST_CASE(inside_a_loop_collects_anew_in_every_round) {
  outline_graph b(2);
  b.plan().stages[2].next = {b.back_to(0, 2)};
  b.plan().stages[2].next[0].exhausted = 3;
  b.stage("end", {"sections"}, {"reply"});
  harness h(b.build("reply"));
  for (int round = 0; round < 3; ++round) {
    h.done({numbers(round)});
    for (int i = 0; i < round; ++i) h.done({10 * round + i});
    h.done({round});
  }
  BOOST_TEST(h.at() == "end");
  BOOST_TEST((h.started.front().inputs[0] == value(value::list{20, 21})));
}

BOOST_AUTO_TEST_CASE(over_nothing_at_all_may_be_gone_round_a_hundred_thousand_times) {
  graph_builder b;
  b.input("items", slot_type::list);
  b.stage("nothing", {"item"}, {"results"}).each = each_policy{b.slot("items"), b.slot("item"), 1};
  b.plan().stages[0].next = {b.back_to(0, 100'000)};
  b.plan().stages[0].next[0].exhausted = 1;
  b.stage("end", {}, {"reply"});
  auto plan = b.build("reply");
  executor exec(plan, 1);
  outbox out;
  step s{.what = step::kind::begin};
  s.slots.emplace_back(b.slot("items"), value(value::list{}));
  exec.apply(s, out);
  BOOST_REQUIRE(out.start.size() == 1U);
  BOOST_TEST(out.start[0].stage == 1);
}

BOOST_AUTO_TEST_SUITE_END()
