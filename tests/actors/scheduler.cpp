#include "actors/scheduler.hpp"

#include <boost/test/unit_test.hpp>

#include <caf/all.hpp>

#include <array>
#include <future>

namespace troupe {

namespace {

using poke = caf::atom_constant<caf::atom("poke")>;

struct system_of : caf::actor_system_config {
  explicit system_of(std::uint64_t threads) {
    set("scheduler.max-threads", threads);
    use_own_scheduler(*this);
  }
};

/// Pokes its partner as long as it is poked.
caf::behavior rally(caf::event_based_actor* self) {
  return {[self](poke, const caf::actor& partner, std::int64_t left) {
    if (left > 0)
      self->send(partner, poke::value, caf::actor(self), left - 1);
    else
      self->quit();
  }};
}

void play(caf::actor_system& system, std::int64_t length) {
  auto one = system.spawn(rally), other = system.spawn(rally);
  caf::anon_send(one, poke::value, other, length);
  caf::scoped_actor waits(system);
  waits->monitor(length % 2 == 0 ? one : other);
  waits->receive([](const caf::down_msg&) {});
  caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_scheduler)

BOOST_AUTO_TEST_CASE(runs_actors_on_one_thread_and_on_many) {
  for (std::uint64_t threads : {1, 2, 5}) {
    system_of config(threads);
    caf::actor_system system(config);
    for (int i = 0; i < 20; ++i) play(system, 1000 + i);
  }
}

BOOST_AUTO_TEST_CASE(takes_over_what_waits_behind_an_actor_that_is_held_up) {
  system_of config(3);
  caf::actor_system system(config);
  for (int i = 0; i < 50; ++i) {
    std::promise<void> heard;
    auto listener = system.spawn([&heard](caf::event_based_actor*) -> caf::behavior {
      return {[&heard](poke) { heard.set_value(); }};
    });
    // It wakes the listener, which is to run next on its own thread, and does not let go of it.
    auto speaker = system.spawn([&heard, listener](caf::event_based_actor* self) -> caf::behavior {
      return {[&heard, listener, self](poke) {
        self->send(listener, poke::value);
        heard.get_future().wait();
      }};
    });
    caf::scoped_actor waits(system);
    waits->request(speaker, caf::infinite, poke::value)
        .receive([] {}, [](const caf::error& e) { BOOST_FAIL(caf::to_string(e)); });
    for (auto& a : {listener, speaker}) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  }
}

BOOST_AUTO_TEST_CASE(takes_over_all_that_waits_behind_it_whoever_is_said_to_have_sent_it) {
  system_of config(2);
  caf::actor_system system(config);
  constexpr int listeners = 4;
  for (int i = 0; i < 50; ++i) {
    std::array<std::promise<void>, listeners> heard;
    std::vector<caf::actor> actors;
    for (auto& p : heard)
      actors.push_back(system.spawn([&p](caf::event_based_actor*) -> caf::behavior {
        return {[&p](poke) { p.set_value(); }};
      }));
    auto speaker = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](poke) {
        for (std::size_t k = 0; k < actors.size(); ++k)
          k % 2 == 0 ? self->send(actors[k], poke::value) : caf::anon_send(actors[k], poke::value);
        for (auto& p : heard) p.get_future().wait();
      }};
    });
    caf::scoped_actor waits(system);
    waits->request(speaker, caf::infinite, poke::value)
        .receive([] {}, [](const caf::error& e) { BOOST_FAIL(caf::to_string(e)); });
    actors.push_back(speaker);
    for (auto& a : actors) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  }
}

BOOST_AUTO_TEST_CASE(lets_two_that_wake_each_other_keep_nobody_from_their_turn) {
  system_of config(1);
  caf::actor_system system(config);
  auto one = system.spawn(rally), other = system.spawn(rally);
  caf::anon_send(one, poke::value, other, std::int64_t{1} << 60);
  auto third = system.spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](poke) { return 3; }}; });
  caf::scoped_actor asks(system);
  for (int i = 0; i < 100; ++i)
    asks->request(third, caf::infinite, poke::value)
        .receive([](int n) { BOOST_TEST(n == 3); },
                 [](const caf::error& e) { BOOST_FAIL(caf::to_string(e)); });
  for (auto& a : {one, other, third}) caf::anon_send_exit(a, caf::exit_reason::kill);
}

BOOST_AUTO_TEST_CASE(keeps_the_clock_of_delayed_messages) {
  system_of config(2);
  caf::actor_system system(config);
  std::promise<void> rang;
  auto sleeper = system.spawn([&rang](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, std::chrono::milliseconds(5), poke::value);
    return {[&rang, self](poke) {
      rang.set_value();
      self->quit();
    }};
  });
  rang.get_future().wait();
}

BOOST_AUTO_TEST_CASE(sends_what_is_due_first_also_if_it_was_asked_for_last) {
  system_of config(2);
  caf::actor_system system(config);
  std::promise<std::vector<std::int64_t>> over;
  auto sleeper = system.spawn([&over](caf::event_based_actor* self) -> caf::behavior {
    for (std::int64_t ms : {30, 20, 10, 1})
      self->delayed_send(self, std::chrono::milliseconds(ms), poke::value, ms);
    auto heard = std::make_shared<std::vector<std::int64_t>>();
    return {[&over, self, heard](poke, std::int64_t ms) {
      heard->push_back(ms);
      if (heard->size() < 4) return;
      over.set_value(*heard);
      self->quit();
    }};
  });
  const std::vector<std::int64_t> expected{1, 10, 20, 30};
  BOOST_TEST(over.get_future().get() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lets_go_of_actors_that_end_before_their_messages_are_due) {
  system_of config(2);
  caf::actor_system system(config);
  for (int i = 0; i < 200; ++i) {
    auto hasty = system.spawn([](caf::event_based_actor* self) -> caf::behavior {
      self->delayed_send(self, std::chrono::hours(1), poke::value);
      self->delayed_send(self, std::chrono::microseconds(50), poke::value);
      self->request(caf::actor(self), std::chrono::milliseconds(1), poke::value, 1).then([] {});
      return {[self](poke) { self->quit(); }};
    });
    caf::scoped_actor waits(system);
    waits->monitor(hasty);
    waits->receive([](const caf::down_msg&) {});
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace troupe
