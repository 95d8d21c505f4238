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

struct pass_on {
  static constexpr std::string_view name = "pass_on";
  struct params {};
  struct input {
    std::string text;
  };
  struct output {
    std::string text;
  };
  static void describe(describer<pass_on>& d) {
    d.in("text", &input::text, "");
    d.out("text", &output::text, "");
  }
  result<output> run(const input& in, run_context&) { return output{in.text}; }
};

/// `count` stages in a row, each of which reads and writes the slot `text`.
std::shared_ptr<const graph> chain(int count) {
  static const stage_type type = describe_stage<pass_on>();
  test::graph_builder b;
  b.input("text");
  for (int i = 0; i < count; ++i) {
    auto& stage = b.stage("stage" + std::to_string(i), type);
    stage.replicas = 2;
    if (i + 1 < count) stage.next.push_back(b.to(i + 1));
  }
  return b.build("text");
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

// (a) The yardstick: `lanes` requests under way at a time between actors that do nothing else.

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

void bare_caf_request(benchmark::State& state) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::uint64_t{threads});
  caf::actor_system system(config);
  constexpr std::int64_t requests = 2000;
  const auto lanes = state.range(0);
  for (auto _ : state) {
    auto done = std::make_shared<countdown>(lanes);
    for (std::int64_t i = 0; i < lanes; ++i) {
      auto whom = system.spawn(answering);
      system.spawn([whom, done](caf::event_based_actor* self) { ask(self, whom, requests, done); });
    }
    done->wait();
  }
  state.SetItemsProcessed(state.iterations() * lanes * requests);
}
BENCHMARK(bare_caf_request)
    ->ArgName("lanes")
    ->Arg(1)
    ->Arg(64)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// (b) and (c) Runs of a chain of stages as jobs: memory journal, ended runs dropped.

void jobs(benchmark::State& state) {
  const int stages = static_cast<int>(state.range(0));
  const auto lanes = state.range(1);
  auto records = make_memory_store();
  auto system = start(chain(stages), *records, runtime_options::journal_type::direct,
                      runtime_options::ended_runs::drop);
  constexpr std::int64_t each = 500;
  for (auto _ : state) run_lanes(*system, lanes, each, lane_kind::jobs);
  state.SetItemsProcessed(state.iterations() * lanes * each);
}
BENCHMARK(jobs)
    ->ArgNames({"stages", "lanes"})
    ->Args({1, 1})
    ->Args({21, 1})
    ->Args({1, 64})
    ->Args({21, 64})
    ->Args({5, 64})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// (c) again, with turns of conversations: events, history and messages are kept.
void turns_in_memory(benchmark::State& state) {
  constexpr std::int64_t lanes = 64, each = 100;
  for (auto _ : state) {
    state.PauseTiming();
    auto records = make_memory_store();
    auto system = start(chain(5), *records, runtime_options::journal_type::direct,
                        runtime_options::ended_runs::keep);
    state.ResumeTiming();
    run_lanes(*system, lanes, each, lane_kind::conversations);
    state.PauseTiming();
    system.reset();
    records.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * lanes * each);
}
BENCHMARK(turns_in_memory)->MeasureProcessCPUTime()->UseRealTime();

// (d) Turns of conversations with a journal on disk, syncs shared.

void durable_turns(benchmark::State& state) {
  test::temporary_folder folder;
  auto records = open_rocksdb_store(folder.path());
  if (!records) return state.SkipWithError(records.error().message.c_str());
  auto system = start(chain(static_cast<int>(state.range(0))), **records,
                      runtime_options::journal_type::grouped, runtime_options::ended_runs::keep);
  constexpr std::int64_t lanes = 64, each = 50;
  for (auto _ : state) run_lanes(*system, lanes, each, lane_kind::conversations);
  state.SetItemsProcessed(state.iterations() * lanes * each);
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
