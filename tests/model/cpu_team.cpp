#include "model/cpu_team.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <vector>

using namespace troupe;

BOOST_AUTO_TEST_SUITE(cpu_teams)

BOOST_AUTO_TEST_CASE(every_piece_is_done_once_however_many_there_are) {
  cpu_team team(4);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::atomic<int>> done(static_cast<std::size_t>(round % 17));
    team.share(std::ssize(done), [&](std::int64_t i) { ++done[static_cast<std::size_t>(i)]; });
    for (const auto& d : done) BOOST_REQUIRE(d == 1);
  }
}

BOOST_AUTO_TEST_CASE(what_the_pieces_wrote_is_there_when_all_are_done) {
  cpu_team team(3);
  std::vector<std::int64_t> out(64);
  for (std::int64_t round = 0; round < 2000; ++round) {
    team.share(std::ssize(out),
               [&](std::int64_t i) { out[static_cast<std::size_t>(i)] = round + i; });
    for (std::int64_t i = 0; i < std::ssize(out); ++i)
      BOOST_REQUIRE(out[static_cast<std::size_t>(i)] == round + i);
  }
}

BOOST_AUTO_TEST_CASE(two_callers_at_once_both_get_their_work_done) {
  cpu_team team(2);
  auto work = [&] {
    for (int round = 0; round < 1000; ++round) {
      std::atomic<std::int64_t> sum{0};
      team.share(10, [&](std::int64_t i) { sum += i; });
      if (sum != 45) return false;
    }
    return true;
  };
  bool other = false;
  std::jthread thread([&] { other = work(); });
  BOOST_TEST(work());
  thread.join();
  BOOST_TEST(other);
}

BOOST_AUTO_TEST_CASE(helpers_that_sleep_wake_for_the_next_work_and_for_the_end) {
  for (int round = 0; round < 20; ++round) {
    cpu_team team(3);
    std::atomic<int> done{0};
    for (int i = 0; i < 3; ++i) {
      team.share(6, [&](std::int64_t) { ++done; });
      // Longer than they look out.
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    BOOST_TEST(done == 18);
  }
}

BOOST_AUTO_TEST_CASE(a_team_of_one_works_alone) {
  cpu_team team(1);
  std::vector<std::int64_t> order;
  team.share(4, [&](std::int64_t i) { order.push_back(i); });
  BOOST_TEST((order == std::vector<std::int64_t>{0, 1, 2, 3}));
  BOOST_TEST(team.threads() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
