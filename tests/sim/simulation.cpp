// The graph with everything under simulation: no promise is broken, and a seed always goes the same
// way.

#include "sim/simulated_graph.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

BOOST_AUTO_TEST_SUITE(a_simulation)

BOOST_AUTO_TEST_CASE(of_a_graph_with_everything_breaks_no_promise) {
  const test::simulated_graph g("tests/sim/graphs/everything.toml");
  sim::counts all;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto o = sim::simulate(g.options(), seed);
    BOOST_TEST(!o.complaint, "seed " << seed << ": " << o.complaint.value_or(""));
    all.finished += o.totals.finished;
    all.failed += o.totals.failed;
    all.kills += o.totals.kills;
  }
  // It has been somewhere.
  BOOST_TEST(all.finished > 500U);
  BOOST_TEST(all.failed > 100U);
  BOOST_TEST(all.kills > 100U);
}

BOOST_AUTO_TEST_CASE(of_calls_that_share_a_tight_budget_breaks_no_promise) {
  const test::simulated_graph g("tests/sim/graphs/tight_budget.toml");
  sim::counts all;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto o = sim::simulate(g.options(), seed);
    BOOST_TEST(!o.complaint, "seed " << seed << ": " << o.complaint.value_or(""));
    all.finished += o.totals.finished;
    all.failed += o.totals.failed;
  }
  BOOST_TEST(all.finished > 500U);
  BOOST_TEST(all.failed > 100U);
}

BOOST_AUTO_TEST_CASE(of_one_seed_always_goes_the_same_way) {
  const test::simulated_graph g("tests/sim/graphs/everything.toml");
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto first = sim::simulate(g.options(), seed);
    (void)sim::simulate(g.options(), seed + 1000);
    const auto second = sim::simulate(g.options(), seed);
    BOOST_TEST(first.digest == second.digest, "seed " << seed);
    BOOST_TEST(first.totals.steps == second.totals.steps);
  }
}

BOOST_AUTO_TEST_CASE(tells_all_that_happens) {
  const test::simulated_graph g("tests/sim/graphs/everything.toml");
  auto o = g.options();
  std::vector<std::string> lines;
  o.print = [&](const std::string& line) { lines.push_back(line); };
  const auto printed = sim::simulate(o, 3);
  BOOST_REQUIRE(!lines.empty());
  BOOST_TEST(lines.front().find("the process starts") != std::string::npos);
  BOOST_TEST(printed.digest == sim::simulate(g.options(), 3).digest);
}

BOOST_AUTO_TEST_SUITE_END()
