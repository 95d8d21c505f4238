// Regions: the stages of a sub-graph, with a time and a budget of their own.

#include "support/executor_harness.hpp"
#include "support/graph_builder.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using harness = test::executor_harness;
using test::graph_builder;
using test::path_type;

namespace {

/// begin -> in -> work -> out -> end, with `sorry` beside; `in`, `work` and `out` are a region, as
/// far as its limits go.
struct region_graph : graph_builder {
  explicit region_graph(bool asks = false) {
    stage("begin", {}, {"a"});
    stage("in", {"a"}, {"in.a"});
    if (asks)
      stage("work", asking()).next = {to(3)};
    else
      stage("work", {"in.a"}, {"in.b"}).next = {to(3)};
    stage("out", {"in.a"}, {"b"});
    stage("end", {"a"}, {"reply"});
    stage("sorry", {"a"}, {"reply"});
    plan().stages[0].next = {to(1)};
    plan().stages[1].next = {to(2)};
    plan().stages[3].next = {to(4)};
    for (std::size_t i : {1U, 2U}) plan().stages[i].region = 0;
    plan().regions.push_back({"in", 1, 5s, -1, 5, -1});
  }
  /// A type that may ask an engine.
  static const stage_type& asking() {
    static const stage_type t = [] {
      stage_type x;
      x.name = "asking";
      param model;
      model.name = "model";
      model.meaning = param::meaning_type::engine_name;
      x.params.push_back(model);
      x.ports_for = [](const value&) -> result<port_set> { return port_set{}; };
      return x;
    }();
    return t;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_region)

BOOST_AUTO_TEST_CASE(ends_the_work_in_it_when_its_time_is_up) {
  region_graph b;
  b.plan().stages[2].retry.attempts = 3;
  b.plan().stages[2].on_error = 4;
  harness h(b.build("reply"));
  h.now += 20s;
  h.done({"a"});
  h.done({"a"});
  BOOST_TEST((h.exec.next_wakeup() == h.now + 5s), "its time begins with its entry");
  h.wait_until(h.now + 5s);
  BOOST_TEST(h.at() == "sorry", "neither another attempt nor an inner way");
}

BOOST_AUTO_TEST_CASE(has_its_own_ways_while_there_is_time) {
  region_graph b;
  b.plan().stages[2].on_error = 4;
  harness h(b.build("reply"));
  h.done({"a"});
  h.done({"a"});
  h.failed(errc::failed);
  BOOST_TEST(h.at() == "end");
}

BOOST_AUTO_TEST_CASE(fails_the_run_with_its_name_without_an_error_way) {
  region_graph b;
  b.plan().regions[0].on_error = no_stage;
  harness h(b.build("reply"));
  h.done({"a"});
  h.done({"a"});
  h.wait_until(h.now + 5s);
  BOOST_TEST(h.exec.ended());
  BOOST_TEST(h.exec.failure().message ==
             "stage `work` failed: the time of the sub-graph `in`, 5s, is used up");
}

BOOST_AUTO_TEST_CASE(begins_anew_each_time_it_is_entered) {
  region_graph b;
  edge again = b.back_to(1, 3);
  again.exhausted = 4;
  b.plan().stages[3].next = {again};
  harness h(b.build("reply"));
  h.done({"a"});
  for (int round = 0; round < 3; ++round) {
    h.done({"a"});
    h.now += 4s;
    h.done({"b"});
    h.done({"b"});
  }
  BOOST_TEST(h.at() == "in");
  h.done({"a"});
  BOOST_TEST((h.exec.next_wakeup() == h.now + 5s));
}

BOOST_AUTO_TEST_CASE(does_not_count_the_time_that_a_review_takes) {
  region_graph b;
  harness h(b.build("reply"));
  h.done({"a"});
  h.done({"a"});
  const auto work = h.take_oldest();
  h.apply(
      {.what = step::kind::suspended, .task = work.task, .outputs = {"b"}, .until = h.now + 72h});
  h.now += 24h;
  h.apply({.what = step::kind::decided, .task = work.task, .outputs = {"b"}});
  BOOST_TEST(h.at() == "out");
}

BOOST_AUTO_TEST_CASE(within_another_has_the_time_of_both) {
  region_graph b;
  b.plan().regions[0].parent = 1;
  b.plan().regions.push_back({"around", 0, 3s, -1, no_stage, -1});
  b.plan().stages[0].region = 1;
  harness h(b.build("reply"));
  h.now += 1s;
  h.done({"a"});
  h.done({"a"});
  BOOST_TEST((h.exec.next_wakeup() == h.now + 2s));
  h.wait_until(h.now + 2s);
  BOOST_TEST(h.exec.ended(), "the outer one has no error way");
}

BOOST_AUTO_TEST_CASE(has_a_budget_of_its_own) {
  region_graph b(true);
  b.plan().regions[0].token_budget = 100;
  b.plan().token_budget = 1000;
  edge again = b.back_to(2, 9);
  again.exhausted = 3;
  b.plan().stages[2].next = {again};
  harness h(b.build("reply"));
  h.done({"a"});
  h.done({"a"});
  BOOST_TEST(h.started.front().tokens_left == 100);
  h.done({}, {1, 40});
  BOOST_TEST(h.started.front().tokens_left == 60);
  h.done({}, {1, 40});
  BOOST_TEST(h.at() == "out", "20 are not enough for a round of 40");
  BOOST_TEST(h.started.front().tokens_left == 920);
}

BOOST_AUTO_TEST_SUITE_END()
