// kill -9 in the middle of turns with 50 clients: nothing that was accepted is lost, every message
// gets one final, seq has no gaps, and the history is whole.

#include "support/child_server.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using asio::ip::tcp;

constexpr int client_count = 50;
constexpr int messages_each = 8;
constexpr int kills = 3;
constexpr int accepted_between_kills = 90;

constexpr const char* graph_text = R"([graph]
name    = "remember"
start   = "greet"
output  = "reply"
persist = ["last"]
[input]
text = "text"
[stage.greet]
use  = "template"
with = { template = "你说：{text}" }
out  = { text = "reply" }
queue = 256
next = "keep"
[stage.keep]
use  = "template"
with = { template = "{text}" }
out  = { text = "last" }
queue = 256
)";

/// What the clients and the killer share.
struct arena {
  std::mutex mutex;
  std::condition_variable changed;
  int port = 0;  ///< 0: the server is down
  int accepted = 0;
  int finished_clients = 0;

  int wait_for_server() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return port != 0; });
    return port;
  }
};

struct client {
  std::string name;
  std::uint64_t last_seq = 0;
  int next = 0;
  std::map<std::string, std::set<std::pair<std::string, std::uint64_t>>> finals;  ///< by message id
  std::map<std::string, std::string> accepted;                                    ///< id -> run
  std::vector<std::string> trouble;

  void take(arena& a, const json::object& e) {
    const auto type = e.at("type").as_string();
    if (const auto* seq = e.if_contains("seq")) {
      const auto n = static_cast<std::uint64_t>(seq->as_int64());
      // A repeated message id brings the same final again; anything else moves on by one.
      if (n > last_seq + 1) trouble.push_back("seq jumped to " + std::to_string(n));
      last_seq = std::max(last_seq, n);
    }
    if (type == "accepted") {
      accepted[std::string(e.at("id").as_string())] = std::string(e.at("run").as_string());
      std::lock_guard lock(a.mutex);
      ++a.accepted;
      a.changed.notify_all();
    } else if (type == "final") {
      const std::string id(e.at("id").as_string());
      finals[id].emplace(e.at("run").as_string(),
                         static_cast<std::uint64_t>(e.at("seq").as_int64()));
      if (id == "m" + std::to_string(next)) ++next;
    } else if (type == "error") {
      trouble.push_back(json::serialize(e));
    }
  }

  void talk(arena& a) {
    asio::io_context io;
    beast::websocket::stream<tcp::socket> ws(io);
    ws.next_layer().connect(
        {asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(a.wait_for_server())});
    ws.handshake("127.0.0.1",
                 "/v1/chat?conversation=" + name + "&last_seq=" + std::to_string(last_seq));
    int said = -1;
    while (next < messages_each) {
      if (said != next) {
        said = next;
        ws.write(asio::buffer(
            json::serialize(json::object{{"type", "say"},
                                         {"id", "m" + std::to_string(next)},
                                         {"text", "第" + std::to_string(next) + "句"}})));
      }
      beast::flat_buffer buffer;
      ws.read(buffer);
      take(a, json::parse(beast::buffers_to_string(buffer.data())).as_object());
    }
  }

  void run(arena& a) {
    while (next < messages_each) {
      try {
        talk(a);
      } catch (const boost::system::system_error&) {
        // The server was killed; the next round waits for it.
      }
    }
    std::lock_guard lock(a.mutex);
    ++a.finished_clients;
    a.changed.notify_all();
  }
};

json::object get(int port, const std::string& target) {
  asio::io_context io;
  beast::tcp_stream stream(io);
  stream.connect({asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(port)});
  beast::http::request<beast::http::empty_body> request(beast::http::verb::get, target, 11);
  request.set("host", "127.0.0.1");
  beast::http::write(stream, request);
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> response;
  beast::http::read(stream, buffer, response);
  return json::parse(response.body()).as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_and_restart)

BOOST_AUTO_TEST_CASE(loses_nothing_that_was_accepted_and_ends_everything_once) {
  troupe::test::temporary_folder folder;
  const auto graph = (folder.path() / "graph.toml").string();
  std::ofstream(graph) << graph_text;
  troupe::test::child_server server(graph, (folder.path() / "data").string());
  BOOST_REQUIRE(server.start());

  arena a;
  a.port = server.port();
  std::vector<client> clients(client_count);
  std::vector<std::thread> threads;
  for (int i = 0; i < client_count; ++i) {
    clients[static_cast<std::size_t>(i)].name = "c" + std::to_string(i);
    threads.emplace_back([&a, &c = clients[static_cast<std::size_t>(i)]] { c.run(a); });
  }
  int killed = 0;
  for (; killed < kills; ++killed) {
    {
      std::unique_lock lock(a.mutex);
      const int goal = a.accepted + accepted_between_kills;
      a.changed.wait(lock,
                     [&] { return a.accepted >= goal || a.finished_clients == client_count; });
      if (a.finished_clients == client_count) break;
      a.port = 0;
    }
    server.kill_now();
    const bool again = server.start();
    // Clients must not wait for ever for a server that cannot start.
    if (!again) BOOST_TEST_MESSAGE("the server did not start again");
    std::lock_guard lock(a.mutex);
    a.port = again ? server.port() : 1;
    a.changed.notify_all();
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(killed == kills);

  for (const client& c : clients) {
    for (const std::string& t : c.trouble) BOOST_TEST(t == "", c.name << ": " << t);
    BOOST_TEST(c.finals.size() == static_cast<std::size_t>(messages_each));
    for (const auto& [id, ends] : c.finals) BOOST_TEST(ends.size() == 1U, c.name << " " << id);
    for (const auto& [id, run] : c.accepted) BOOST_TEST(c.finals.at(id).begin()->first == run);
    const auto history = get(server.port(), "/v1/conversations/" + c.name);
    const auto& turns = history.at("turns").as_array();
    BOOST_REQUIRE(turns.size() == static_cast<std::size_t>(messages_each));
    for (int i = 0; i < messages_each; ++i)
      BOOST_TEST(turns[static_cast<std::size_t>(i)].at("user").as_string() ==
                 "第" + std::to_string(i) + "句");
  }
  BOOST_TEST(server.terminate() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
