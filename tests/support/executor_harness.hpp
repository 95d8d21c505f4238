#pragma once
// Drives an executor by hand: the test is the stages, the clock and the journal.

#include "pipeline/executor.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace troupe::test {

struct executor_harness {
  explicit executor_harness(std::shared_ptr<const graph> g) : exec(g, 7), plan(std::move(g)) {
    apply({.what = step::kind::begin});
  }

  void apply(step s) {
    s.at = now;
    out.clear();
    exec.apply(s, out);
    for (std::int64_t task : out.abandon)
      std::erase_if(started, [task](const start_task& t) { return t.task == task; });
    for (const start_task& t : out.start) started.push_back(t);
    most_at_once = std::max(most_at_once, started.size());
    for (const stage_report& r : out.reports)
      if (r.state == stage_state::started)
        path.push_back(plan->stages[static_cast<std::size_t>(r.stage)].name);
  }

  start_task take_oldest() {
    BOOST_REQUIRE(!started.empty());
    const auto t = started.front();
    started.erase(started.begin());
    return t;
  }
  /// Answers the oldest open task.
  void done(frame outputs, usage used = {}) {
    const auto t = take_oldest();
    apply({.what = step::kind::done, .task = t.task, .outputs = std::move(outputs), .used = used});
  }
  void failed(errc code) {
    const auto t = take_oldest();
    apply({.what = step::kind::failed, .task = t.task, .failure = {code, "no"}});
  }
  void wait_until(time_point t) {
    now = t;
    apply({.what = step::kind::timer});
  }
  std::string_view at() const {
    return plan->stages[static_cast<std::size_t>(started.front().stage)].name;
  }

  executor exec;
  std::shared_ptr<const graph> plan;
  time_point now{std::chrono::seconds(1)};
  outbox out;
  std::vector<start_task> started;  ///< and not answered
  std::size_t most_at_once = 0;
  std::vector<std::string> path;
};

using path_type = std::vector<std::string>;

}  // namespace troupe::test
