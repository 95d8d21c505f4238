// What a run costs in process: against a bare request between two actors, per hop, and as runs a
// second with a memory and with a durable journal. Figures are compared with each other within one
// run of this program; none is a test.

#include "actors/runtime.hpp"

#include "bench/lanes.hpp"
#include "support/graph_builder.hpp"
#include "support/temporary_folder.hpp"

#include <benchmark/benchmark.h>
#include <spdlog/spdlog.h>

#include <caf/all.hpp>

namespace troupe::bench {

namespace {

constexpr int threads = 2;

struct pass_text_on {
  static constexpr std::string_view name = "pass_text_on";
  struct params {};
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<pass_text_on>& d) {
    d.in("text", &input::text, "");
    d.out("text", &output::text, "");
  }
  result<output> run(const input& in, run_context&) { return output{in.text}; }
};

/// Its call carries what the bare request carries: a number.
struct pass_number_on {
  static constexpr std::string_view name = "pass_number_on";
  struct params {};
  struct input {
    std::int64_t n;
  };
  struct output {
    std::int64_t n;
  };
  static void describe(describer<pass_number_on>& d) {
    d.in("n", &input::n, "");
    d.out("n", &output::n, "");
  }
  result<output> run(const input& in, run_context&) { return output{in.n}; }
};

/// `count` stages in a row, each of which reads and writes the one slot of `Stage`.
template <class Stage>
std::shared_ptr<const graph> chain(int count) {
  static const stage_type type = describe_stage<Stage>();
  const port& slot = type.ports.in.front();
  test::graph_builder b;
  b.input(slot.name, slot.type);
  for (int i = 0; i < count; ++i) {
    auto& stage = b.stage("stage" + std::to_string(i), type);
    stage.replicas = 2;
    if (i + 1 < count) stage.next.push_back(b.to(i + 1));
  }
  return b.build(slot.name);
}

std::unique_ptr<runtime> start(std::shared_ptr<const graph> plan, store& records,
                               runtime_options::journal_type journal,
                               runtime_options::ended_runs ended) {
  runtime_options o;
  o.plan = std::move(plan);
  o.services = std::make_shared<stage_services>();
  o.records = &records;
  o.journal = journal;
  o.ended = ended;
  o.threads = threads;
  auto started = runtime::start(std::move(o));
  return started ? std::move(*started) : nullptr;
}

// One hop of a run against its yardstick, a request between two actors that do nothing else: as
// many of the one as of the other, in turns, so that both meet the same machine.

using ping = caf::atom_constant<caf::atom("ping")>;

caf::behavior answering(caf::event_based_actor*) {
  return {[](ping, std::int64_t n) { return n; }};
}

void ask(caf::event_based_actor* self, const caf::actor& whom, std::int64_t left,
         const std::shared_ptr<countdown>& done) {
  self->request(whom, caf::infinite, ping::value, left).then([self, whom, done](std::int64_t n) {
    if (n > 1) return ask(self, whom, n - 1, done);
    done->one();
    self->quit();
  });
}

void request_in_lanes(caf::actor_system& system, std::int64_t lanes, std::int64_t requests) {
  auto done = std::make_shared<countdown>(lanes);
  for (std::int64_t i = 0; i < lanes; ++i) {
    auto whom = system.spawn(answering);
    system.spawn(
        [whom, done, requests](caf::event_based_actor* self) { ask(self, whom, requests, done); });
  }
  done->wait();
}

template <class F>
double seconds_of(F work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct bare_system {
  explicit bare_system(caf::atom_value policy) {
    config.set("scheduler.policy", policy);
    config.set("scheduler.max-threads", std::uint64_t{threads});
    actors = std::make_unique<caf::actor_system>(config);
  }
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> actors;
};

/// The price of a hop is what 21 stages cost more than one stage, by 20. The request is measured
/// under both of CAF's schedulers: one wakes a thread for every message, the other's idle threads
/// poll.
void hop_against_bare_request(benchmark::State& state) {
  bare_system shares(caf::atom("sharing")), steals(caf::atom("stealing"));
  auto records = make_memory_store();
  auto start_chain = [&](int stages) {
    return start(chain<pass_number_on>(stages), *records, runtime_options::journal_type::direct,
                 runtime_options::ended_runs::drop);
  };
  auto one = start_chain(1), many = start_chain(21);
  const load l{lane_kind::jobs, state.range(0), 100, {{"n", 1}}};
  double sharing = 0, stealing = 0, hops = 0;
  for (auto _ : state) {
    sharing += seconds_of([&] { request_in_lanes(*shares.actors, l.count, 20 * l.each); });
    stealing += seconds_of([&] { request_in_lanes(*steals.actors, l.count, 20 * l.each); });
    hops += seconds_of([&] { run_lanes(*many, l); }) - seconds_of([&] { run_lanes(*one, l); });
  }
  const auto count = static_cast<double>(state.iterations() * l.count * l.each * 20);
  state.counters["hop_us"] = hops / count * 1e6;
  state.counters["sharing_us"] = sharing / count * 1e6;
  state.counters["stealing_us"] = stealing / count * 1e6;
  state.counters["to_sharing"] = hops / sharing;
  state.counters["to_stealing"] = hops / stealing;
}
BENCHMARK(hop_against_bare_request)->ArgName("lanes")->Arg(1)->Arg(64)->UseRealTime();

const value question = "a question of usual length, about an order and where it is";

/// Jobs with a memory journal, ended runs dropped: what a run costs in process.
void jobs(benchmark::State& state) {
  auto records = make_memory_store();
  auto system = start(chain<pass_text_on>(static_cast<int>(state.range(0))), *records,
                      runtime_options::journal_type::direct, runtime_options::ended_runs::drop);
  const load l{lane_kind::jobs, 64, 500, {{"text", question}}};
  for (auto _ : state) run_lanes(*system, l);
  state.SetItemsProcessed(state.iterations() * l.count * l.each);
}
BENCHMARK(jobs)->ArgName("stages")->Arg(1)->Arg(5)->MeasureProcessCPUTime()->UseRealTime();

/// The same as turns of conversations: events, history and message ids are kept.
void turns(benchmark::State& state) {
  const load l{lane_kind::conversations, 64, 100, {{"text", question}}};
  for (auto _ : state) {
    state.PauseTiming();
    auto records = make_memory_store();
    auto system = start(chain<pass_text_on>(5), *records, runtime_options::journal_type::direct,
                        runtime_options::ended_runs::keep);
    state.ResumeTiming();
    run_lanes(*system, l);
    state.PauseTiming();
    system.reset();
    records.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * l.count * l.each);
}
BENCHMARK(turns)->MeasureProcessCPUTime()->UseRealTime();

/// Turns of conversations with a journal on disk, syncs shared.
void durable_turns(benchmark::State& state) {
  test::temporary_folder folder;
  auto records = open_rocksdb_store(folder.path());
  if (!records) return state.SkipWithError(records.error().message.c_str());
  auto system = start(chain<pass_text_on>(static_cast<int>(state.range(0))), **records,
                      runtime_options::journal_type::grouped, runtime_options::ended_runs::keep);
  const load l{lane_kind::conversations, 64, 50, {{"text", question}}};
  for (auto _ : state) run_lanes(*system, l);
  state.SetItemsProcessed(state.iterations() * l.count * l.each);
}
BENCHMARK(durable_turns)->ArgName("stages")->Arg(1)->Arg(5)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace

}  // namespace troupe::bench

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::warn);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
