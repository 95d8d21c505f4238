// The durability promise against the real program: `kill -9` at instants that nothing was prepared
// for, and fifty clients that lose nothing by it.

#include "integration/talker.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <list>
#include <thread>

using namespace troupe::test;

namespace {

/// Enough stages that a kill finds runs at every one of them.
constexpr std::string_view three_stages = R"([graph]
name   = "kill_and_restart"
start  = "mark"
output = "reply"

[input]
text = "text"

[stage.mark]
use  = "set"
with = { values = { open = "<", close = ">" } }
next = "copy"

[stage.copy]
use  = "template"
with = { template = "{text}" }
out  = { text = "copied" }
next = "reply"

[stage.reply]
use      = "template"
with     = { template = "{open}{copied}{close}" }
out      = { text = "reply" }
replicas = 2
)";

constexpr int clients = 50, messages = 30, kills = 12;

/// Calls of all stages since the server started.
std::int64_t calls(std::uint16_t port) {
  std::int64_t all = 0;
  const auto told = get_json(port, "/v1/graph");
  for (const auto& stage : told.at("stages").as_array())
    all += stage.at("calls").as_int64();
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_and_restart)

BOOST_AUTO_TEST_CASE(every_accepted_message_is_answered_exactly_once,
                     *boost::unit_test::timeout(120)) {
  temporary_folder folder;
  write_file(folder.path() / "graph.toml", three_stages);
  served_graph server(folder.path() / "graph.toml", folder.path());
  server.start();

  rounds r;
  std::list<talker> talkers;
  for (int i = 0; i < clients; ++i) talkers.emplace_back("c" + std::to_string(i), messages, r);
  std::vector<std::thread> threads;
  for (talker& t : talkers) threads.emplace_back([&t] { t.talk(); });

  int recovered = 0;
  r.announce(server.port());
  for (int k = 1; k <= kills; ++k) {
    r.wait_for_accepted(k * clients * messages / (kills + 1));
    server.kill_now();
    server.start();
    recovered += server.recovered();
    r.announce(server.port());
  }
  for (std::thread& t : threads) t.join();
  // Otherwise no kill came in the middle of anything and this test has shown nothing.
  BOOST_TEST(recovered > 0);

  // Once more from nothing, so that what follows is what lies on the disk.
  server.kill_now();
  server.start();
  for (const talker& t : talkers) {
    BOOST_TEST(t.complaints() == std::vector<std::string>(), boost::test_tools::per_element());
    BOOST_TEST(t.runs() == static_cast<std::size_t>(messages));
    // The numbers run from 1 without a gap, and a newcomer is told the very same.
    BOOST_TEST(t.frames().begin()->first == 1U);
    BOOST_TEST(t.frames().rbegin()->first == t.frames().size());
    BOOST_TEST((t.everything(server.port()) == t.frames()));
    const auto found = get_json(server.port(), "/v1/conversations/" + t.name());
    const auto& turns = found.at("turns").as_array();
    BOOST_REQUIRE(turns.size() == static_cast<std::size_t>(messages));
    for (int m = 0; m < messages; ++m) {
      const auto& turn = turns[static_cast<std::size_t>(m)];
      BOOST_TEST(turn.at("user").as_string() == talker::text_of(m));
      BOOST_TEST(turn.at("reply").as_string() == talker::reply_of(m));
    }
  }

  for (talker& t : talkers)
    BOOST_TEST(t.gets_the_same_answer_again(server.port(), messages / 2), t.name());
  BOOST_TEST(calls(server.port()) == 0);
  BOOST_TEST(server.stop() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
