// Does the simulation find mistakes? Bounds are taken from the graph that runs, and promises from
// the journal beneath it; the witness knows neither. The mistakes that are made inside actors and
// executor are in tests/sim/mistakes (scripts/plant-mistakes).

#include "pipeline/journal.hpp"
#include "sim/simulated_graph.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// Passes batches on, changed.
class bending_store final : public store {
 public:
  using bend_function = std::function<void(write_batch& batch, durability& level)>;
  bending_store(store& below, bend_function bend) : below_(below), bend_(std::move(bend)) {}
  result<void> write(write_batch batch, durability level) override {
    bend_(batch, level);
    return below_.write(std::move(batch), level);
  }
  result<std::optional<std::string>> get(family f, std::string_view key) const override {
    return below_.get(f, key);
  }
  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override {
    return below_.scan(f, prefix, from, each);
  }

 private:
  store& below_;
  bend_function bend_;
};

void mistake_the_graph(sim::options& o, const std::function<void(graph&)>& change) {
  auto wrong = std::make_shared<graph>(*o.plan);
  change(*wrong);
  o.mistaken = wrong;
}

void bend_the_journal(sim::options& o, bending_store::bend_function bend) {
  o.between = [bend = std::move(bend)](store& below) {
    return std::make_unique<bending_store>(below, bend);
  };
}

bool has(const write_batch& batch, family f, write_op::kind_type kind) {
  return std::any_of(batch.begin(), batch.end(),
                     [&](const write_op& op) { return op.family == f && op.kind == kind; });
}

auto forgets(family f, write_op::kind_type kind) {
  return [=](sim::options& o) {
    bend_the_journal(o, [=](write_batch& batch, durability&) {
      std::erase_if(batch, [&](const write_op& op) { return op.family == f && op.kind == kind; });
    });
  };
}

auto does_not_sync(family f, write_op::kind_type kind) {
  return [=](sim::options& o) {
    bend_the_journal(o, [=](write_batch& batch, durability& level) {
      if (has(batch, f, kind)) level = durability::written;
    });
  };
}

auto each_stage(const std::function<void(stage_node&)>& change) {
  return [=](sim::options& o) {
    mistake_the_graph(o, [&](graph& g) {
      for (stage_node& n : g.stages) change(n);
    });
  };
}

constexpr auto puts = write_op::kind_type::put, erases = write_op::kind_type::erase;

struct mistake {
  const char* name;
  std::function<void(sim::options&)> plant;
  int within = 100;  ///< seeds in which it must be found

  friend std::ostream& operator<<(std::ostream& out, const mistake& m) { return out << m.name; }
};

const std::vector<mistake> mistakes = {
    {"attempts have no bound", each_stage([](stage_node& n) { n.retry.attempts = 50; })},
    {"loops have no bound", each_stage([](stage_node& n) {
       for (edge& e : n.next)
         if (e.max >= 0) e.max = 50, e.plateau = 0;
     })},
    {"the deadline is not kept",
     [](sim::options& o) {
       mistake_the_graph(o, [](graph& g) {
         g.deadline = 1h;
         for (stage_node& n : g.stages) n.timeout = duration::max();
       });
     }},
    {"timeouts are not kept", each_stage([](stage_node& n) { n.timeout = duration::max(); })},
    {"the budget is not kept",
     [](sim::options& o) { mistake_the_graph(o, [](graph& g) { g.token_budget = 1'000'000; }); }},
    {"queues have no bound", each_stage([](stage_node& n) { n.queue = 10'000; }), 400},
    {"acceptance is not synced", does_not_sync(family::active, puts)},
    {"the end is not synced", does_not_sync(family::active, erases)},
    {"nothing is synced",
     [](sim::options& o) {
       bend_the_journal(o, [](write_batch&, durability& level) { level = durability::written; });
     }},
    {"an ended run stays unfinished", forgets(family::active, erases)},
    {"an accepted run is not listed", forgets(family::active, puts)},
    {"message ids are forgotten", forgets(family::messages, puts)},
    {"steps are forgotten", forgets(family::steps, puts)},
    {"events are forgotten", forgets(family::events, puts)},
    {"turns are forgotten", forgets(family::turns, puts)},
    {"dead letters are forgotten", forgets(family::dead_letters, puts)},
    {"reviews stay open", forgets(family::reviews, erases)},
    {"every tenth step is forgotten",
     [](sim::options& o) {
       bend_the_journal(o, [count = 0](write_batch& batch, durability&) mutable {
         std::erase_if(batch, [&](const write_op& op) {
           return op.family == family::steps && ++count % 10 == 0;
         });
       });
     }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_simulation)

BOOST_DATA_TEST_CASE(finds_that, boost::unit_test::data::make(mistakes), planted) {
  const test::simulated_graph g("tests/sim/graphs/everything.toml");
  auto o = g.options();
  planted.plant(o);
  int found = 0, first = 0;
  for (int seed = 1; seed <= planted.within; ++seed)
    if (sim::simulate(o, static_cast<std::uint64_t>(seed)).complaint && ++found == 1) first = seed;
  BOOST_TEST_MESSAGE(planted.name << ": found in " << found << " of " << planted.within
                                  << " seeds, first in " << first);
  BOOST_TEST(found > 0);
}

BOOST_AUTO_TEST_SUITE_END()
