#include "model/batch_scheduler.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <set>

using namespace troupe;

namespace {

constexpr time_point start{};

/// A decoder that keeps, in place of keys and values, all that a position's ones depend on: the
/// tokens up to it.
class pretended_store {
 public:
  explicit pretended_store(const scheduler_options& o)
      : size_(o.block_size), slots_(static_cast<std::size_t>(o.blocks * o.block_size)) {}

  /// Everything that stands before the rows must be right, and no two sequences write one place.
  void forward(const std::vector<batch_scheduler::rows>& batch,
               const std::map<std::uint64_t, std::vector<token_id>>& sequences) {
    std::set<std::size_t> written;
    for (const auto& r : batch) {
      const auto& all = sequences.at(r.id);
      for (std::int64_t p = r.from; p < r.from + std::ssize(r.tokens); ++p) {
        RC_ASSERT(written.insert(slot(r, p)).second);
        RC_ASSERT(r.tokens[static_cast<std::size_t>(p - r.from)] ==
                  all[static_cast<std::size_t>(p)]);
        slots_[slot(r, p)] = {all.begin(), all.begin() + p + 1};
      }
    }
    for (const auto& r : batch) {
      const auto& all = sequences.at(r.id);
      for (std::int64_t p = 0; p < r.from + std::ssize(r.tokens); ++p)
        RC_ASSERT((slots_[slot(r, p)] == std::vector(all.begin(), all.begin() + p + 1)));
    }
  }

 private:
  std::size_t slot(const batch_scheduler::rows& r, std::int64_t position) const {
    const auto block = r.blocks[static_cast<std::size_t>(position / size_)];
    return static_cast<std::size_t>(block * size_ + position % size_);
  }

  std::int64_t size_;
  std::vector<std::vector<token_id>> slots_;
};

/// A scheduler, what it schedules, and what must always hold.
class world {
 public:
  explicit world(const scheduler_options& o) : options(o), scheduler(o), store(o) {}

  admission add(std::vector<token_id> prompt, std::int64_t max_tokens,
                time_point deadline = time_point::max()) {
    const auto id = ++last_;
    const auto got =
        scheduler.add(id, {.prompt = prompt, .max_tokens = max_tokens, .deadline = deadline}, now);
    if (got == admission::accepted) {
      sequences[id] = std::move(prompt);
      left[id] = max_tokens;
    }
    return got;
  }

  void remove(std::uint64_t id) {
    scheduler.remove(id);
    sequences.erase(id);
    left.erase(id);
  }

  /// One forward. Each token drawn is `draw(id)`.
  void step(const std::function<token_id(std::uint64_t)>& draw) {
    const auto batch = scheduler.plan();
    RC_ASSERT(sequences.empty() || !batch.empty());
    RC_ASSERT(scheduler.running() <= options.max_running);
    RC_ASSERT(scheduler.waiting() <= options.max_waiting);
    RC_ASSERT(scheduler.blocks_in_use() <= options.blocks);
    std::int64_t prompt_rows = 0;
    for (const auto& r : batch) {
      if (r.tokens.size() > 1 || !r.last) prompt_rows += std::ssize(r.tokens);
    }
    RC_ASSERT(prompt_rows <= std::max(options.rows_alone, options.rows_shared));
    // Whoever has begun to speak speaks in every step.
    for (auto& [id, spoken] : speaking)
      RC_ASSERT(std::ranges::any_of(batch, [&](auto& r) { return r.id == id && r.last; }));
    store.forward(batch, sequences);
    std::vector<std::uint64_t> drawn;
    for (const auto& r : batch)
      if (r.last) drawn.push_back(r.id);
    scheduler.commit();
    for (const auto id : drawn) {
      if (--left[id] == 0) {
        speaking.erase(id);
        remove(id);
        continue;
      }
      const auto token = draw(id);
      scheduler.append(id, token);
      sequences[id].push_back(token);
      speaking[id] = true;
    }
  }

  scheduler_options options;
  batch_scheduler scheduler;
  pretended_store store;
  time_point now = start;
  std::map<std::uint64_t, std::vector<token_id>> sequences;
  std::map<std::uint64_t, std::int64_t> left;
  std::map<std::uint64_t, bool> speaking;

 private:
  std::uint64_t last_ = 0;
};

scheduler_options any_options() {
  return {.blocks = *rc::gen::inRange(4, 40),
          .block_size = *rc::gen::inRange(1, 6),
          .max_running = *rc::gen::inRange(1, 8),
          .max_waiting = *rc::gen::inRange(1, 12),
          .rows_alone = *rc::gen::inRange(1, 40),
          .rows_shared = *rc::gen::inRange(1, 8)};
}

/// Few different tokens, so that beginnings are often the same.
std::vector<token_id> any_prompt() {
  const auto length = *rc::gen::inRange(1, 40);
  return *rc::gen::container<std::vector<token_id>>(static_cast<std::size_t>(length),
                                                    rc::gen::element<token_id>(1, 1, 1, 2));
}

bool holds(const std::function<void()>& property) { return rc::check(property); }

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_schedulers)

BOOST_AUTO_TEST_CASE(whatever_happens_contents_are_right_bounds_kept_and_no_block_is_lost) {
  BOOST_TEST(holds([] {
    world w(any_options());
    for (int i = *rc::gen::inRange(1, 60); i > 0; --i) {
      const int what = *rc::gen::inRange(0, 10);
      if (what < 3) {
        w.add(any_prompt(), *rc::gen::inRange(1, 12),
              *rc::gen::element(time_point::max(), start + std::chrono::seconds(1)));
      } else if (what == 3 && !w.sequences.empty()) {
        const auto id = *rc::gen::elementOf(w.sequences);
        w.speaking.erase(id.first);
        w.remove(id.first);
      } else {
        w.step([](auto) { return *rc::gen::element<token_id>(1, 1, 2); });
      }
    }
    while (!w.sequences.empty()) w.remove(w.sequences.begin()->first);
    w.speaking.clear();
    RC_ASSERT(w.scheduler.blocks_in_use() == 0);
    RC_ASSERT(w.scheduler.running() + w.scheduler.waiting() == 0);
    // All of it can be used again.
    const auto whole = w.options.blocks * w.options.block_size;
    RC_ASSERT(w.add(std::vector<token_id>(static_cast<std::size_t>(whole), 3), 1) ==
              admission::accepted);
    while (!w.sequences.empty()) w.step([](auto) { return 1; });
  }));
}

BOOST_AUTO_TEST_CASE(everyone_who_was_admitted_gets_all_tokens) {
  BOOST_TEST(holds([] {
    world w(any_options());
    for (int i = *rc::gen::inRange(1, 20); i > 0; --i)
      w.add(any_prompt(), *rc::gen::inRange(1, 12));
    std::int64_t bound = 0;
    for (auto& [id, tokens] : w.sequences) bound += std::ssize(tokens) + w.left[id];
    // In each step at least one token is read or drawn.
    for (std::int64_t i = 0; i < bound && !w.sequences.empty(); ++i) w.step([](auto) { return 1; });
    RC_ASSERT(w.sequences.empty());
  }));
}

BOOST_AUTO_TEST_CASE(one_without_a_deadline_is_not_overtaken_for_ever) {
  world w({.blocks = 8, .block_size = 1, .max_running = 1, .max_waiting = 100});
  auto draw = [](auto) { return 1; };
  const std::vector<token_id> short_prompt = {1, 2};
  w.add(short_prompt, 1);
  w.add({1, 2, 3, 4, 5, 6}, 1);
  const auto patient = w.sequences.rbegin()->first;
  int steps = 0;
  for (; w.sequences.contains(patient) && steps < 1000; ++steps) {
    w.add(short_prompt, 1, w.now + std::chrono::seconds(1));
    w.step(draw);
    w.now += std::chrono::seconds(1);
  }
  BOOST_TEST(steps > 20);
  BOOST_TEST(steps < 40);
}

BOOST_AUTO_TEST_CASE(the_earlier_deadline_goes_first) {
  world w({.blocks = 4, .block_size = 8, .max_running = 1});
  w.add({1}, 4);
  w.step([](auto) { return 1; });
  w.add({2}, 2, start + std::chrono::seconds(9));
  w.add({3}, 2, start + std::chrono::seconds(3));
  const std::uint64_t urgent = 3;
  while (w.sequences.contains(1)) w.step([](auto) { return 1; });
  BOOST_TEST(w.scheduler.plan().at(0).id == urgent);
}

BOOST_AUTO_TEST_CASE(too_many_are_turned_away_and_too_long_ones_never_wait) {
  world w({.blocks = 2, .block_size = 4, .max_running = 1, .max_waiting = 2});
  BOOST_TEST((w.add({1, 2, 3, 4}, 6) == admission::too_long));
  BOOST_TEST((w.add({1, 2, 3, 4}, 5) == admission::accepted));
  w.step([](auto) { return 1; });
  BOOST_TEST((w.add({1}, 1) == admission::accepted));
  BOOST_TEST((w.add({1}, 1) == admission::accepted));
  BOOST_TEST((w.add({1}, 1) == admission::overloaded));
}

BOOST_AUTO_TEST_CASE(a_long_prompt_leaves_room_for_a_short_one) {
  world w({.blocks = 100, .block_size = 8, .rows_alone = 20, .rows_shared = 20});
  w.add(std::vector<token_id>(400, 1), 1);
  w.add({2, 2, 2, 2, 2}, 1);
  const auto batch = w.scheduler.plan();
  BOOST_REQUIRE(batch.size() == 2u);
  BOOST_TEST(batch[0].tokens.size() == 15u);
  BOOST_TEST(batch[1].last);
}

BOOST_AUTO_TEST_CASE(the_next_turn_reads_only_what_is_new) {
  world w({.blocks = 100, .block_size = 8});
  std::vector<token_id> said(100, 1);
  w.add(said, 5);
  while (!w.sequences.empty()) w.step([](auto) { return 7; });
  said.insert(said.end(), {7, 7, 7, 7, 9, 9, 9});
  w.add(said, 1);
  const auto batch = w.scheduler.plan();
  BOOST_TEST(batch.at(0).from == 104);
  BOOST_TEST(batch.at(0).tokens.size() == 3u);
  BOOST_TEST(w.scheduler.reused_tokens() == 104);
}

BOOST_AUTO_TEST_CASE(those_who_come_together_with_one_beginning_read_it_once) {
  world w({.blocks = 400, .block_size = 8, .max_running = 16});
  for (token_id i = 0; i < 16; ++i) {
    std::vector<token_id> prompt(80, 1);
    prompt.push_back(i);
    w.add(prompt, 1);
  }
  std::size_t read = 0;
  while (!w.sequences.empty()) {
    for (auto& r : w.scheduler.plan()) read += r.tokens.size();
    w.step([](auto) { return 1; });
  }
  BOOST_TEST(read == 81u + 15u);
}

BOOST_AUTO_TEST_CASE(what_must_not_be_shared_is_not) {
  batch_scheduler s({.blocks = 100, .block_size = 8});
  const std::vector<token_id> prompt(50, 1);
  for (std::uint64_t id = 1; id <= 2; ++id) {
    s.add(id, {.prompt = prompt, .max_tokens = 1, .shareable = false}, start);
    BOOST_TEST(s.plan().at(0).from == 0);
    s.commit();
    s.remove(id);
  }
}

BOOST_AUTO_TEST_SUITE_END()
