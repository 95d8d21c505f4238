#include "pipeline/prune.hpp"

#include "pipeline/codec.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using state = run_status::state_type;

std::string id_at(std::int64_t ms) {
  constexpr char digits[] = "0123456789abcdef";
  std::string id(24, '7');
  for (int i = 0; i < 12; ++i) id[static_cast<std::size_t>(i)] = digits[ms >> (44 - 4 * i) & 15];
  return id;
}

void add_run(store& s, const std::string& id, state st) {
  run_record r;
  r.run = id;
  r.state = st;
  write_batch batch{put(family::runs, id, encode(r))};
  for (std::uint64_t n = 0; n < 3; ++n)
    batch.push_back(put(family::steps, numbered_key(id, n), encode(step{})));
  BOOST_REQUIRE(s.write(std::move(batch), durability::written));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pruning)

BOOST_AUTO_TEST_CASE(forgets_the_steps_of_old_runs_that_have_ended_and_nothing_else) {
  auto s = make_memory_store();
  const auto old_done = id_at(1000), old_failed = id_at(2000), old_waiting = id_at(3000),
             old_too = id_at(4000), recent = id_at(9000);
  add_run(*s, old_done, state::finished);
  add_run(*s, old_failed, state::failed);
  add_run(*s, old_waiting, state::waiting);
  add_run(*s, old_too, state::finished);
  add_run(*s, recent, state::finished);
  BOOST_TEST((time_of_run(old_done) == time_point(1000ms)));

  std::string after;
  auto batch = prunable_steps(*s, time_point(9000ms), 3, after);
  BOOST_REQUIRE(batch);
  BOOST_TEST(batch->size() == 2U);
  BOOST_TEST(after == old_waiting);
  BOOST_REQUIRE(s->write(std::move(*batch), durability::written));
  batch = prunable_steps(*s, time_point(9000ms), 3, after);
  BOOST_REQUIRE(batch);
  BOOST_TEST(after.empty());
  BOOST_REQUIRE(s->write(std::move(*batch), durability::written));

  for (const auto& [id, steps] : {std::pair(old_done, 0U), std::pair(old_failed, 0U),
                                  std::pair(old_waiting, 3U), std::pair(old_too, 0U),
                                  std::pair(recent, 3U)}) {
    BOOST_TEST(read_steps(*s, id)->size() == steps);
    BOOST_TEST(read_run(*s, id)->has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
