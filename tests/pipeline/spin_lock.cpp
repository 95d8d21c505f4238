#include "pipeline/spin_lock.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>
#include <vector>

namespace troupe {

BOOST_AUTO_TEST_SUITE(a_spin_lock)

BOOST_AUTO_TEST_CASE(lets_one_thread_in_at_a_time_also_when_there_are_more_than_cores) {
  constexpr int threads = 8, times = 20'000;
  spin_lock lock;
  std::int64_t count = 0;
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i)
    all.emplace_back([&] {
      for (int n = 0; n < times; ++n) {
        std::lock_guard inside(lock);
        ++count;
      }
    });
  for (auto& t : all) t.join();
  BOOST_TEST(count == threads * times);
}

BOOST_AUTO_TEST_CASE(is_held_until_it_is_let_go) {
  spin_lock lock;
  BOOST_TEST(lock.try_lock());
  BOOST_TEST(!lock.try_lock());
  lock.unlock();
  BOOST_TEST(lock.try_lock());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace troupe
