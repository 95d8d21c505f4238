#include "pipeline/admission.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// One stage of two replicas that takes 20 ms: a hundred runs a second.
struct door {
  stage_load stage{
      .name = "only", .out = 0, .bound = 10, .replicas = 2, .work = 20ms, .calls_per_run = 1};
  std::size_t at_work = 0, entering = 0;
  duration deadline = 10s;
  time_point now{1000s};
  admission rule;

  std::optional<error> ask() {
    return rule.ask({.at_work = at_work,
                     .entering = entering,
                     .start = 0,
                     .deadline = deadline,
                     .stages = {&stage, 1}},
                    now);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_door_of_a_graph)

BOOST_AUTO_TEST_CASE(lets_in_as_many_as_the_stage_takes_and_not_one_more) {
  door d;
  for (int n = 0; n < 10; ++n) {
    d.stage.out = n;
    d.at_work = static_cast<std::size_t>(n);
    BOOST_TEST(!d.ask(), "with " << n);
  }
  d.stage.out = 10;
  d.at_work = 10;
  const auto refused = d.ask();
  BOOST_REQUIRE(refused);
  BOOST_TEST((refused->code == errc::overloaded));
  BOOST_TEST(refused->message.find("`only`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_the_time_after_which_there_is_room) {
  door d;
  d.stage.out = 10;
  d.at_work = 10;
  // Both replicas may have begun their calls just now.
  BOOST_TEST((d.ask()->retry_after == 20ms));
}

BOOST_AUTO_TEST_CASE(tells_those_it_refuses_to_come_back_one_after_another) {
  door d;
  d.stage.out = 10;
  d.at_work = 10;
  // One of two replicas is through with its call every 10 ms.
  for (int n = 1; n <= 50; ++n)
    BOOST_TEST((d.ask()->retry_after == 10ms + n * 10ms), "refusal " << n);
  // A second later the server would have been through with them all.
  d.now += 1s;
  BOOST_TEST((d.ask()->retry_after == 20ms));
}

BOOST_AUTO_TEST_CASE(makes_no_appointments_for_clients_that_never_come) {
  door d;
  d.stage.out = 10;
  d.at_work = 10;
  for (int n = 0; n < 5000; ++n) BOOST_TEST((*d.ask()->retry_after <= 10s + 20ms));
}

BOOST_AUTO_TEST_CASE(names_a_short_wait_while_nobody_knows_how_long_a_stage_takes) {
  door d;
  d.stage.out = 10;
  d.at_work = 10;
  d.stage.work = 0ms;
  for (int n = 0; n < 100; ++n) BOOST_TEST((d.ask()->retry_after == 20ms));
  d.stage.since_first = 300ms;
  for (int n = 0; n < 100; ++n) BOOST_TEST((d.ask()->retry_after == 300ms));
  // Of a stage that never answers it will never be known.
  d.stage.since_first = 24h;
  BOOST_TEST((d.ask()->retry_after == 10s));
  // None of them is in the way of those who come when it is known.
  d.stage.work = 400ms;
  BOOST_TEST((d.ask()->retry_after == 400ms));
}

BOOST_AUTO_TEST_CASE(does_not_keep_to_appointments_that_were_made_by_a_wrong_pace) {
  door d;
  d.stage.out = 10;
  d.at_work = 10;
  d.stage.work = 2s;  // the first call, which had to load something
  for (int n = 0; n < 8; ++n) (void)d.ask();
  d.stage.work = 20ms;
  BOOST_TEST((*d.ask()->retry_after <= 100ms));
}

BOOST_AUTO_TEST_CASE(counts_those_who_are_on_their_way_to_a_stage_that_is_half_full) {
  door d;
  d.stage.out = 4;
  d.at_work = 10;
  BOOST_TEST(!d.ask());
  d.stage.out = 5;
  BOOST_TEST(bool(d.ask()));
}

BOOST_AUTO_TEST_CASE(counts_those_who_enter_together_if_the_stage_is_slow) {
  door d;
  d.entering = 10;
  d.at_work = 10;
  BOOST_TEST(bool(d.ask()));
  // A stage of a hundred microseconds is through with ten of them in half a millisecond.
  d.stage.work = 100us;
  BOOST_TEST(!d.ask());
  // And of one that nobody knows anything about, the worst is believed.
  d.stage.work = 0us;
  BOOST_TEST(bool(d.ask()));
}

BOOST_AUTO_TEST_CASE(refuses_what_could_not_end_within_its_deadline) {
  door d;
  d.stage.bound = 1000;
  d.deadline = 1s;
  d.at_work = 99;
  BOOST_TEST(!d.ask());
  d.at_work = 119;
  const auto refused = d.ask();
  BOOST_REQUIRE(refused);
  BOOST_TEST((refused->code == errc::overloaded));
  // 120 runs at 10 ms each are done in 1.2 s: 200 ms too late.
  BOOST_TEST((refused->retry_after == 200ms));
}

BOOST_AUTO_TEST_CASE(measures_by_the_slowest_stage_and_how_often_runs_come_to_it) {
  std::vector<stage_load> stages{
      {.name = "quick", .bound = 100, .replicas = 1, .work = 1ms, .calls_per_run = 1},
      {.name = "slow", .bound = 100, .replicas = 1, .work = 100ms, .calls_per_run = 0.5}};
  admission rule;
  // 50 ms a run: forty of them in two seconds.
  door_load load{.at_work = 39, .deadline = 2s, .stages = stages};
  BOOST_TEST(!rule.ask(load, time_point{1s}));
  load.at_work = 41;
  const auto refused = rule.ask(load, time_point{1s});
  BOOST_REQUIRE(refused);
  BOOST_TEST(refused->message.find("`slow`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(does_not_refuse_a_run_alone_however_slow_it_is) {
  door d;
  d.deadline = 1ms;
  BOOST_TEST(!d.ask());
}

BOOST_AUTO_TEST_SUITE_END()
