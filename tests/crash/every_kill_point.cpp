// `kill -9` at every point at which something can be lost: a scripted conversation is played once
// for each crossing of such a point, its process dies there, and the next one has to bring
// everything to its end. No process here lives longer than one life: RocksDB's threads do not
// survive a fork, so this one opens no store at all.

#include "actors/stages/builtin.hpp"
#include "crash/audit.hpp"
#include "crash/mortal_parts.hpp"
#include "dsl/load.hpp"
#include "support/temporary_folder.hpp"

#include <spdlog/spdlog.h>
#include <boost/test/unit_test.hpp>

#include <sys/wait.h>

#include <iostream>

using namespace troupe;
using namespace troupe::test;

namespace {

constexpr std::string_view graph_text = R"([graph]
name    = "every_kill_point"
start   = "greet"
output  = "reply"
persist = ["greeting"]

[input]
text = "text"
ask  = { type = "bool", default = false }

[stage.greet]
use  = "set"
with = { values = { greeting = "你好" } }

[[stage.greet.next]]
when = "ask"
to   = "approval"

[[stage.greet.next]]
to = "speak"

[stage.approval]
use = "review"
in  = { draft = "text" }
out = { text = "reply" }

[stage.speak]
use   = "speak"
out   = { text = "reply" }
retry = { attempts = 2, backoff = "1ms..1ms", on = ["unavailable"] }
)";

enum exit_of_life : int { all_is_well = 0, something_is_wrong = 1, could_not_live = 2 };

/// One process: opens the store, runs the graph, talks to it, and looks at what is left.
int live(const std::filesystem::path& folder, kill_switch& death) {
  spdlog::set_level(spdlog::level::off);
  log_file log(folder / "told");
  edges = {&death, &log};
  registry types;
  add_builtin_stages(types);
  types.add<speak>();
  auto loaded = load_graph_text(std::string(graph_text), folder / "graph.toml", types);
  if (!loaded.graph) throw std::runtime_error(render(loaded));
  const mortal_graph plan(*loaded.graph);
  auto disk = open_rocksdb_store(folder / "data");
  if (!disk) throw std::runtime_error(disk.error().message);
  mortal_store records(**disk, death);

  runtime_options o;
  o.plan = plan.plan();
  o.services = std::make_shared<stage_services>();
  o.records = &records;
  o.threads = 1;
  auto graph = runtime::start(std::move(o));
  if (!graph) throw std::runtime_error(graph.error().message);
  client(**graph, log, death).talk();
  graph->reset();
  const auto wrong = audit(log.lines(), records).complaints();
  for (const std::string& what : wrong) std::cerr << what << '\n';
  return wrong.empty() ? all_is_well : something_is_wrong;
}

/// Forks a process that lives once; its exit code, or -1 if it was killed.
int live_once(const std::filesystem::path& folder, kill_switch& death, std::string_view place,
              unsigned nth) {
  death.arm(place, nth);
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    int code = could_not_live;
    try {
      code = live(folder, death);
    } catch (const std::exception& e) {
      std::cerr << e.what() << '\n';
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string frames_of(const std::filesystem::path& folder) {
  std::stringstream all;
  all << std::ifstream(folder / "told").rdbuf();
  return all.str();
}

/// The places that the scenario has to come by, or it has shown nothing of them.
const std::vector<std::string> places = {"before a sync",           "after a sync",
                                         "before a write",          "after a write",
                                         "at a stage's start",      "before a stage's answer",
                                         "before a delta",          "after a delta",
                                         "before sending accepted", "after sending accepted",
                                         "before sending stage",    "after sending stage",
                                         "before sending delta",    "after sending delta",
                                         "before sending rewind",   "after sending rewind",
                                         "before sending final",    "after sending final",
                                         "before sending error",    "after sending error",
                                         "before a decision",       "before telling a decision",
                                         "after telling a decision"};

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_at_every_point)

BOOST_AUTO_TEST_CASE(loses_nothing_and_ends_every_run_once, *boost::unit_test::timeout(300)) {
  auto death = kill_switch::make();
  unsigned kills = 0;
  for (const std::string& place : places) {
    unsigned nth = 1;
    for (bool died = true; died; ++nth) {
      temporary_folder folder;
      std::string where = "killed " + place + ", time " + std::to_string(nth);
      int code = live_once(folder.path(), *death, place, nth);
      died = code == -1;
      if (died) {
        ++kills;
        // Every third time the process that takes up the work dies as well, early or late.
        if (kills % 3 == 0 && live_once(folder.path(), *death, "", kills / 3 % 40 + 1) == -1)
          where += ", then " + std::string(death->where());
        code = live_once(folder.path(), *death, "", 0);
      }
      BOOST_REQUIRE_MESSAGE(code == all_is_well, where << ":\n" << frames_of(folder.path()));
    }
    BOOST_CHECK_MESSAGE(nth > 2, "nothing came by " << place);
    BOOST_TEST_MESSAGE(nth - 2 << " times killed " << place);
  }
  BOOST_TEST_MESSAGE(kills << " kills, and a third of them twice");
}

BOOST_AUTO_TEST_CASE(a_message_that_ends_the_process_each_time_becomes_a_dead_letter,
                     *boost::unit_test::timeout(60)) {
  auto death = kill_switch::make();
  temporary_folder folder;
  int deaths = 0, code = -1;
  while ((code = live_once(folder.path(), *death, "in a deadly call", 1)) == -1)
    BOOST_REQUIRE(++deaths < 20);
  BOOST_TEST(code == all_is_well, frames_of(folder.path()));
  // Ten at one place; a death before it is on record that the stage before has ended is at another.
  BOOST_TEST(deaths >= 10);
}

BOOST_AUTO_TEST_SUITE_END()
