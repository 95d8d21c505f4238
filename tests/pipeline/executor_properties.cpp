// Random graphs, random outcomes: a run always ends, keeps its bounds, and is resumed from any
// prefix of its journal to the same end.

#include "pipeline/codec.hpp"
#include "pipeline/executor.hpp"
#include "pipeline/retry.hpp"
#include "support/graph_builder.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// Forward edges go to later stages, back edges are bounded: what the linker lets through.
std::shared_ptr<const graph> random_graph(std::uint64_t seed) {
  std::uint64_t counter = 0;
  auto pick = [&](std::uint64_t n) { return mix(seed, ++counter) % n; };
  test::graph_builder b;
  b.plan().deadline = 1h;
  const auto count = static_cast<stage_id>(2 + pick(7));
  for (stage_id i = 0; i < count; ++i) {
    auto& s = b.stage("s" + std::to_string(i), {}, {"x" + std::to_string(i)});
    s.retry.attempts = static_cast<int>(1 + pick(3));
    if (pick(2)) s.timeout = 500ms;
    if (i + 1 < count && pick(3) == 0)
      s.on_error = static_cast<stage_id>(i + 1 + static_cast<stage_id>(pick(
                                                     static_cast<std::uint64_t>(count - i - 1))));
  }
  for (stage_id i = 0; i + 1 < count; ++i) {
    auto& s = b.plan().stages[static_cast<std::size_t>(i)];
    const auto later = [&] {
      return static_cast<stage_id>(
          i + 1 + static_cast<stage_id>(pick(static_cast<std::uint64_t>(count - i - 1))));
    };
    const auto slot = "x" + std::to_string(i);
    if (pick(4) == 0 && i + 3 < count) {
      s.split = fan_out{{i + 1, i + 2}, i + 3};
      b.plan().stages[static_cast<std::size_t>(i + 1)].next = {b.to(i + 3)};
      b.plan().stages[static_cast<std::size_t>(i + 2)].next = {b.to(i + 3)};
      b.plan().stages[static_cast<std::size_t>(i + 1)].on_error = no_stage;
      b.plan().stages[static_cast<std::size_t>(i + 2)].on_error = no_stage;
      i += 2;
      continue;
    }
    if (pick(2)) s.next.push_back(b.to(later(), slot + " > 50"));
    if (pick(2)) {
      edge back = b.back_to(static_cast<stage_id>(pick(static_cast<std::uint64_t>(i + 1))),
                            static_cast<int>(pick(4)));
      back.best_by = b.slot(slot);
      back.plateau = static_cast<int>(pick(3));
      s.next.push_back(back);
    }
    s.next.push_back(b.to(later()));
  }
  return b.build("x" + std::to_string(count - 1));
}

struct history {
  std::vector<step> steps;
  executor::status end = executor::status::fresh;
  value reply;
  std::string failure;
  std::vector<int> attempts_of_stage;
};

/// Answers deterministically from `seed`, the task and the attempt, so that a resumed run sees the
/// same world. `journal` is what a killed process left.
history play(const std::shared_ptr<const graph>& g, std::uint64_t seed,
             const std::vector<step>& journal) {
  executor exec(g, seed);
  outbox out;
  history h;
  h.attempts_of_stage.assign(g->stages.size(), 0);
  time_point now{1s};
  std::vector<start_task> open;
  auto apply = [&](step s) {
    s.at = now;
    h.steps.push_back(s);
    out.clear();
    exec.apply(s, out);
    for (auto id : out.abandon)
      std::erase_if(open, [id](const start_task& t) { return t.task == id; });
    for (auto& t : out.start) {
      std::erase_if(open, [&](const start_task& o) { return o.task == t.task; });
      open.push_back(t);
      h.attempts_of_stage[static_cast<std::size_t>(t.stage)] =
          std::max(h.attempts_of_stage[static_cast<std::size_t>(t.stage)], t.attempt);
    }
  };
  if (journal.empty()) {
    apply({.what = step::kind::begin});
  } else {
    for (const step& s : journal) {
      out.clear();
      exec.apply(s, out);
      now = s.at;
    }
    apply({.what = step::kind::resumed});
  }
  for (int i = 0; !exec.ended(); ++i) {
    RC_ASSERT(i < 200'000);
    // Among the open tasks the lowest number answers first; with none open only time can help.
    if (const auto waiting = exec.open_decisions(); open.empty() && !waiting.empty()) {
      const open_decision& d = waiting.front();
      if (mix(seed, static_cast<std::uint64_t>(d.task)) % 2) {
        apply({.what = step::kind::decided, .task = d.task, .outputs = {d.instead[0].as_int() + 7}});
      } else {
        now = std::max(now, d.until);
        apply({.what = step::kind::timer});
      }
      continue;
    }
    if (open.empty()) {
      now = exec.next_wakeup();
      RC_ASSERT(now != time_point::max());
      apply({.what = step::kind::timer});
      continue;
    }
    auto first = std::min_element(open.begin(), open.end(),
                                  [](auto& a, auto& b) { return a.task < b.task; });
    const start_task t = *first;
    const auto luck = mix(mix(seed, static_cast<std::uint64_t>(t.task)),
                          static_cast<std::uint64_t>(t.attempt)) % 100;
    const stage_node& n = g->stages[static_cast<std::size_t>(t.stage)];
    if (luck < 8 && n.timeout < 1h) {
      now = std::max(now, t.deadline);
      apply({.what = step::kind::timer});
      continue;
    }
    open.erase(first);
    if (luck < 20)
      apply({.what = step::kind::failed,
             .task = t.task,
             .failure = {luck < 14 ? errc::unavailable : errc::crashed, "bad luck"}});
    else if (luck < 30)
      apply({.what = step::kind::suspended,
             .task = t.task,
             .outputs = {static_cast<std::int64_t>(luck)},
             .until = now + 72h});
    else
      apply({.what = step::kind::done,
             .task = t.task,
             .outputs = {static_cast<std::int64_t>(luck)}});
  }
  h.end = exec.state();
  if (h.end == executor::status::finished)
    h.reply = exec.reply();
  else
    h.failure = exec.failure().message;
  return h;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(any_run)

BOOST_AUTO_TEST_CASE(ends_and_makes_no_more_attempts_than_its_stages_allow) {
  BOOST_TEST(rc::check([](std::uint64_t seed) {
    const auto g = random_graph(seed);
    const history h = play(g, seed, {});
    for (std::size_t i = 0; i < g->stages.size(); ++i)
      RC_ASSERT(h.attempts_of_stage[i] <= std::max(2, g->stages[i].retry.attempts));
  }));
}

BOOST_AUTO_TEST_CASE(is_resumed_from_any_journal_prefix_to_the_same_end) {
  BOOST_TEST(rc::check([](std::uint64_t seed, std::uint64_t where) {
    const auto g = random_graph(seed);
    const history whole = play(g, seed, {});
    const auto cut = 1 + where % whole.steps.size();
    std::vector<step> prefix;
    for (std::size_t i = 0; i < cut; ++i) {
      auto back = decode_step(encode(whole.steps[i]));
      RC_ASSERT(bool(back));
      prefix.push_back(*back);
    }
    if (cut == whole.steps.size()) return;
    const history rest = play(g, seed, prefix);
    RC_ASSERT(rest.end == whole.end);
    RC_ASSERT(rest.reply == whole.reply);
    RC_ASSERT(rest.failure == whole.failure);
  }));
}

BOOST_AUTO_TEST_SUITE_END()
