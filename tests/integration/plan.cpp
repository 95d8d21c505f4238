// `troupe plan`: what changes from the graph that runs to another, in words and for programs.

#include "integration/nap_graph.hpp"
#include "support/command_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe::test;

namespace {

constexpr std::string_view first = R"([graph]
name     = "plan"
start    = "greet"
output   = "reply"
deadline = "8s"
persist  = ["mood", "count"]

[input]
text = "text"

[stage.greet]
use  = "set"
with = { values = { mood = "good", count = 1, reply = "hello" } }
next = "old"

[stage.old]
use  = "template"
with = { template = "{reply} {text} {mood} {count}" }
out  = { text = "reply" }
)";

constexpr std::string_view second = R"([graph]
name     = "plan"
start    = "greet"
output   = "reply"
deadline = "20s"
persist  = ["count"]

[input]
text = "text"
name = { type = "text", default = "you" }

[stage.greet]
use  = "set"
with = { values = { count = "one", reply = "hello 你好" } }
next = "new"

[stage.new]
use      = "template"
with     = { template = "{reply} {text} {name} {count}" }
out      = { text = "reply" }
replicas = 3
)";

struct recorded {
  recorded() {
    write_file(folder.path() / "first.toml", first);
    write_file(folder.path() / "second.toml", second);
    auto ran = run_command({TROUPE_BINARY_DIR "/troupe", "run", folder.path() / "first.toml",
                            "--set", "text=x", "--data", folder.path() / "data"},
                           folder.path());
    BOOST_TEST_REQUIRE(ran.code == 0, ran.err);
  }
  finished_command plan(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> command{TROUPE_BINARY_DIR "/troupe", "plan", folder.path() / file};
    if (more.empty()) more = {"--data", folder.path() / "data"};
    command.insert(command.end(), more.begin(), more.end());
    return run_command(command, folder.path());
  }
  temporary_folder folder;
};

bool says(const finished_command& c, std::string_view what) {
  return c.out.find(what) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(troupe_plan)

BOOST_AUTO_TEST_CASE(says_in_plain_words_what_would_change) {
  recorded r;
  const auto told = r.plan("second.toml");
  BOOST_TEST(told.code == 0, told.err);
  for (const char* line :
       {"  ~ deadline: 8s → 20s\n", "  + `name` (text): clients have to send it, unless",
        "  - `mood` (text): lost", "  ~ `count` type: int → text", "  - `old` (template)\n",
        "  + `new` (template)\n", "  ~ `greet` next: `old` → `new`\n",
        "  ~ `greet` with.values: ", "bill before\n  at most 8 s", "bill after\n  at most 20 s",
        "  none is under way on another version\n"})
    BOOST_TEST(says(told, line), line << " is missing in\n" << told.out);
}

BOOST_AUTO_TEST_CASE(says_the_same_to_programs) {
  recorded r;
  const auto told = r.plan("second.toml", {"--data", r.folder.path() / "data", "--json"});
  BOOST_TEST(told.code == 0, told.err);
  const auto all = json::parse(told.out);
  BOOST_TEST(all.at("ok").as_bool());
  BOOST_TEST(all.at("before").at("hash") != all.at("after").at("hash"));
  BOOST_TEST(all.at("before").at("bill").at("seconds").to_number<double>() == 8.0);
  BOOST_TEST(all.at("finish_on_others").to_number<int>() == 0);
  bool lost = false;
  for (const auto& c : all.at("changes").as_array())
    lost = lost ||
           (c.at("about") == "persist" && c.at("change") == "removed" && c.at("name") == "mood");
  BOOST_TEST(lost);
}

BOOST_AUTO_TEST_CASE(finds_nothing_where_nothing_changes) {
  recorded r;
  BOOST_TEST(says(r.plan("first.toml"), "nothing changes: both are the same text\n"));
  write_file(r.folder.path() / "first.toml", "# a remark\n" + std::string(first));
  BOOST_TEST(says(r.plan("first.toml"), "nothing changes but the way it is written\n"));
}

BOOST_AUTO_TEST_CASE(shows_what_is_wrong_with_the_new_one_and_fails) {
  recorded r;
  write_file(r.folder.path() / "second.toml", "[graph]\nname = 3\n");
  const auto told = r.plan("second.toml");
  BOOST_TEST(told.code == 1);
  BOOST_TEST(told.err.find("second.toml:2:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(asks_a_server_and_counts_the_runs_that_finish_on_their_version,
                     *boost::unit_test::timeout(60)) {
  nap_graph graph;
  served_graph server(graph.file(), graph.folder(), {"--drain", "10ms"});
  server.start();
  chat_line line(server.port(), "c1", 0);
  line.say("m1", "wait");
  line.next_of("accepted");
  graph.write("replicas = 4\n");
  const auto told = run_command({TROUPE_BINARY_DIR "/troupe", "plan", graph.file(), "--url",
                                 "http://127.0.0.1:" + std::to_string(server.port())},
                                graph.folder());
  BOOST_TEST(told.code == 0, told.err);
  BOOST_TEST(says(told, "  ~ `only` replicas: 1 → 4\n"), told.out);
  BOOST_TEST(says(told, "  1 run is under way and finishes on the version it began on\n"),
             told.out);
  // The data folder of a running server tells the same.
  const auto read = run_command(
      {TROUPE_BINARY_DIR "/troupe", "plan", graph.file(), "--data", graph.folder() / "data"},
      graph.folder());
  BOOST_TEST(read.out == told.out);
}

BOOST_AUTO_TEST_SUITE_END()
