// troupe sim GRAPH --seeds N: runs the graph with the real actors under virtual time and injected
// faults, and says which promise is broken by which seed.

#include "actors/sim/simulation.hpp"
#include "cli/command.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>
#include <boost/json.hpp>

#include <iostream>

namespace troupe {

namespace {

namespace fs = std::filesystem;

struct sim_flags {
  std::string file;
  std::uint64_t seeds = 100, seed = 0, first = 1;
  bool one = false, trace = false, json = false;
};

struct sum {
  std::uint64_t seeds = 0;
  sim::counts all;
  std::vector<sim::outcome> broken;
  double seconds = 0;

  void add(const sim::outcome& o) {
    ++seeds;
    all.runs += o.totals.runs;
    all.finished += o.totals.finished;
    all.failed += o.totals.failed;
    all.kills += o.totals.kills;
    all.calls += o.totals.calls;
    all.steps += o.totals.steps;
    if (o.complaint) broken.push_back(o);
  }
};

boost::json::object to_json(const sum& s) {
  boost::json::array broken;
  for (const sim::outcome& o : s.broken)
    broken.push_back({{"seed", o.seed}, {"broken", *o.complaint}});
  return {{"seeds", s.seeds},       {"runs", s.all.runs},   {"finished", s.all.finished},
          {"failed", s.all.failed}, {"calls", s.all.calls}, {"kills", s.all.kills},
          {"steps", s.all.steps},   {"broken", broken},     {"seconds", s.seconds}};
}

void print(const sum& s) {
  std::cout << s.seeds << (s.seeds == 1 ? " seed: " : " seeds: ") << s.all.runs << " runs ("
            << s.all.finished << " finished, " << s.all.failed << " failed as they were to), "
            << s.all.calls << " calls, " << s.all.kills << " kills; " << s.seeds - s.broken.size()
            << " passed, " << s.broken.size() << " failed\n";
}

void simulate(command_context& c, const sim_flags& flags) {
  auto plan = load_graph_file(c, flags.file);
  if (!plan) return;
  // What fails is meant to.
  if (!flags.trace) spdlog::set_level(spdlog::level::off);
  set_log_hook([](std::string_view) {});
  sim::options o;
  o.plan = plan;
  o.base = fs::absolute(plan->file).parent_path();
  if (flags.trace) o.print = [](const std::string& line) { std::cout << line << '\n'; };
  const bool progress = !flags.json && !flags.trace && isatty(STDERR_FILENO);
  sum s;
  const auto begun = std::chrono::steady_clock::now();
  const auto first = flags.one ? flags.seed : flags.first;
  const auto count = flags.one ? 1 : flags.seeds;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto outcome = sim::simulate(o, seed);
    s.add(outcome);
    if (outcome.complaint && !flags.json)
      std::cout << "seed " << seed << ": " << *outcome.complaint << "\n  replay it: troupe sim "
                << flags.file << " --seed " << seed << " --trace\n";
    if (flags.trace) std::cout << "digest " << std::hex << outcome.digest << std::dec << '\n';
    if (progress) std::cerr << '\r' << s.seeds << " of " << count << std::flush;
  }
  if (progress) std::cerr << "\r\x1b[K";
  s.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  if (flags.json)
    std::cout << boost::json::serialize(to_json(s)) << '\n';
  else
    print(s);
  if (!s.broken.empty()) c.outcome = exit_code::failed;
}

}  // namespace

void add_sim(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand(
      "sim", "run a graph under virtual time with injected faults and check what is promised");
  auto flags = std::make_shared<sim_flags>();
  sub->add_option("graph", flags->file, "the TOML file")->required();
  auto* seeds = sub->add_option("--seeds", flags->seeds, "how many")->capture_default_str();
  sub->add_option("--first", flags->first, "the first of them")->capture_default_str();
  auto* seed = sub->add_option("--seed", flags->seed, "this one alone")->excludes(seeds);
  sub->add_flag("--trace", flags->trace, "print all that happens");
  sub->add_flag("--json", flags->json, "what was found, as JSON on stdout");
  sub->callback([&c, flags, seed] {
    flags->one = seed->count() > 0;
    simulate(c, *flags);
  });
}

}  // namespace troupe
