// Crowds before the door, in virtual time: whoever comes back when it was told to gets in, and has
// not waited much longer than it had to.

#include "pipeline/admission.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// One stage behind a door. All come at once, and again when they are told to.
class crowded_stage {
 public:
  crowded_stage(int replicas, int bound, duration work, bool has_figures)
      : replicas_(replicas), bound_(bound), work_(work), known_(has_figures) {}

  struct client {
    int asked = 0;
    duration told{0};    ///< the last time that it was refused
    duration waited{0};  ///< until it was let in
    duration had_to{0};  ///< until there was room for it, had they stood in a line
  };

  std::vector<client> serve(int crowd, duration apart = 100us) {
    std::vector<client> all(static_cast<std::size_t>(crowd));
    std::multimap<time_point, std::size_t> comes;
    for (std::size_t i = 0; i < all.size(); ++i)
      comes.emplace(began_ + static_cast<std::int64_t>(i) * apart, i);
    std::vector<time_point> first(all.size());
    std::vector<std::size_t> line;
    std::vector<time_point> rooms;
    while (!comes.empty() || !ends_.empty()) {
      const bool end_first =
          !ends_.empty() && (comes.empty() || ends_.begin()->first <= comes.begin()->first);
      if (end_first) {
        now_ = ends_.begin()->first;
        ends_.erase(ends_.begin());
        rooms.push_back(now_);
        known_ = true;
        if (--out_ >= replicas_) ends_.emplace(now_ + work_, 0);
        continue;
      }
      const auto [at, i] = *comes.begin();
      comes.erase(comes.begin());
      now_ = at;
      client& c = all[i];
      if (c.asked++ == 0) first[i] = now_;
      const auto no = ask();
      if (no) {
        if (c.asked == 1) line.push_back(i);
        c.told = *no->retry_after;
        comes.emplace(now_ + c.told, i);
        continue;
      }
      c.waited = now_ - first[i];
      if (out_++ < replicas_) ends_.emplace(now_ + work_, 0);
    }
    for (std::size_t place = 0; place < line.size(); ++place)
      all[line[place]].had_to = rooms[place] - first[line[place]];
    return all;
  }

 private:
  std::optional<error> ask() {
    const stage_load stage{.name = "only",
                           .out = out_,
                           .bound = bound_,
                           .replicas = replicas_,
                           .work = known_ ? work_ : duration(0),
                           .since_first = out_ > 0 || known_ ? now_ - began_ : duration(0),
                           .calls_per_run = 1};
    return door_.ask({.at_work = static_cast<std::size_t>(out_),
                      .entering = 0,
                      .start = 0,
                      .deadline = duration::max(),
                      .stages = {&stage, 1}},
                     now_);
  }

  const int replicas_, bound_;
  const duration work_;
  bool known_;
  const time_point began_{1000s};
  time_point now_ = began_;
  int out_ = 0;
  std::multimap<time_point, int> ends_;
  admission door_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_door_of_a_graph)

BOOST_AUTO_TEST_CASE(lets_in_whoever_comes_back_when_it_was_told_to) {
  for (const int replicas : {1, 2, 4, 16})
    for (const auto& [crowd, work] : {std::pair(200, duration(20ms)), {30, duration(300ms)}}) {
      crowded_stage s(replicas, replicas + 8, work, true);
      for (const auto& c : s.serve(crowd)) {
        BOOST_TEST(c.asked <= 2);
        BOOST_TEST(c.waited.count() <= (c.had_to + work + 1ms).count());
      }
    }
}

BOOST_AUTO_TEST_CASE(lets_nobody_wait_twice_as_long_as_needed_before_its_pace_is_known) {
  for (const int replicas : {1, 2, 4, 16})
    for (const auto& [crowd, work] : {std::pair(200, duration(20ms)), {30, duration(300ms)}}) {
      crowded_stage s(replicas, replicas + 8, work, false);
      // Each time it is asked it is known for twice as long that nothing is known.
      const int doublings = work > 20ms ? 7 : 3;
      for (const auto& c : s.serve(crowd)) {
        BOOST_TEST(c.asked <= doublings);
        BOOST_TEST(c.waited.count() <= (2 * c.had_to + work + 20ms).count());
      }
    }
}

BOOST_AUTO_TEST_SUITE_END()
