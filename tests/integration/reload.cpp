// Another graph in the place of one that runs: what new runs do, what runs under way do, and that
// nothing is lost while it happens again and again under load.

#include "integration/nap_graph.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <thread>

using namespace troupe::test;

namespace {

http_reply reload(std::uint16_t port) {
  return ask(port, http::verb::post, "/v1/admin/reload", "{}");
}

std::string reply_to(std::uint16_t port, const std::string& text) {
  const auto r = ask(port, http::verb::post, "/v1/runs",
                     json::serialize(json::object{{"input", json::object{{"text", text}}}}));
  if (r.result() != http::status::ok) return r.body();
  return std::string(json::parse(r.body()).at("reply").as_string());
}

std::string read_all(const std::filesystem::path& file) {
  std::stringstream all;
  all << std::ifstream(file).rdbuf();
  return all.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_graph_that_is_loaded_again)

BOOST_AUTO_TEST_CASE(is_taken_by_new_runs_while_those_under_way_finish_on_theirs,
                     *boost::unit_test::timeout(60)) {
  nap_graph graph;
  graph.write("", ", mark = \" (1)\"");
  served_graph server(graph.file(), graph.folder());
  server.start();
  chat_line line(server.port(), "c1", 0);
  line.say("m1", "wait");
  line.next_of("accepted");

  graph.write("replicas = 2\n", ", mark = \" (2)\"");
  const auto told = reload(server.port());
  BOOST_TEST((told.result() == http::status::ok), told.body());
  const auto what = json::parse(told.body());
  BOOST_TEST(what.at("changed").as_bool());
  BOOST_TEST(what.at("unfinished_on_others").to_number<int>() == 1);
  BOOST_TEST(reply_to(server.port(), "你好") == "你好 (2)");
  graph.go();
  BOOST_TEST(line.next_of("final").at("reply").as_string() == "wait (1)");
  line.say("m2", "and now");
  BOOST_TEST(line.next_of("final").at("reply").as_string() == "and now (2)");

  // What began on the first version and was parked goes on there, in the next process as well.
  BOOST_TEST(server.stop() == 0);
}

BOOST_AUTO_TEST_CASE(changes_nothing_if_it_is_wrong, *boost::unit_test::timeout(60)) {
  nap_graph graph;
  graph.write("", ", mark = \" (1)\"");
  served_graph server(graph.file(), graph.folder());
  server.start();
  const auto before = get_json(server.port(), "/v1/graph").at("hash");
  graph.write("next = \"nowhere\"\nreplicsa = 3\n");
  const auto refused = reload(server.port());
  BOOST_TEST((refused.result() == http::status::bad_request));
  BOOST_TEST(refused.body().find("nowhere") != std::string::npos);
  BOOST_TEST(refused.body().find("replicas") != std::string::npos);  // did you mean
  BOOST_TEST(refused.body().find("graph.toml:") != std::string::npos);
  BOOST_TEST((get_json(server.port(), "/v1/graph").at("hash") == before));
  BOOST_TEST(reply_to(server.port(), "still") == "still (1)");
}

BOOST_AUTO_TEST_CASE(is_asked_for_by_a_signal_too, *boost::unit_test::timeout(60)) {
  nap_graph graph;
  served_graph server(graph.file(), graph.folder());
  server.start();
  const auto before = get_json(server.port(), "/v1/graph").at("hash");
  graph.write("", ", mark = \" (2)\"");
  server.signal(SIGHUP);
  while (get_json(server.port(), "/v1/graph").at("hash") == before) std::this_thread::yield();
  BOOST_TEST(reply_to(server.port(), "x") == "x (2)");
  // A wrong one is told on stderr.
  graph.write("next = \"nowhere\"\n");
  server.signal(SIGHUP);
  while (read_all(graph.folder() / "stderr").find("nowhere") == std::string::npos)
    std::this_thread::yield();
  BOOST_TEST(reply_to(server.port(), "y") == "y (2)");
  BOOST_TEST(server.stop() == 0);
}

BOOST_AUTO_TEST_CASE(is_parked_and_taken_up_with_the_version_of_each_run,
                     *boost::unit_test::timeout(60)) {
  nap_graph graph;
  graph.write("", ", mark = \" (1)\"");
  served_graph server(graph.file(), graph.folder(), {"--drain", "10ms"});
  server.start();
  chat_line line(server.port(), "c1", 0);
  line.say("m1", "wait");
  line.next_of("accepted");
  graph.write("", ", mark = \" (2)\"");
  BOOST_TEST((reload(server.port()).result() == http::status::ok));
  BOOST_TEST(server.stop() == 0);
  graph.go();
  server.start();
  BOOST_TEST(server.recovered() == 1);
  chat_line again(server.port(), "c1", 0);
  BOOST_TEST(again.next_of("final").at("reply").as_string() == "wait (1)");
  again.say("m2", "new");
  BOOST_TEST(again.next_of("final").at("reply").as_string() == "new (2)");
}

BOOST_AUTO_TEST_CASE(loses_nothing_when_that_happens_twenty_times_under_load,
                     *boost::unit_test::timeout(120)) {
  constexpr int talkers = 8, reloads = 20;
  nap_graph graph;
  auto write_version = [&](int n) {
    graph.write("replicas = " + std::to_string(1 + n % 3) +
                    "\nqueue = " + std::to_string(64 + n % 5) + "\n",
                ", nap = \"2ms\", mark = \" (" + std::to_string(n) + ")\"");
  };
  write_version(0);
  served_graph server(graph.file(), graph.folder());
  server.start();
  std::atomic<bool> over = false;
  std::atomic<int> said = 0;
  std::vector<std::string> complaints(talkers);
  std::vector<std::thread> threads;
  for (int t = 0; t < talkers; ++t)
    threads.emplace_back([&, t] {
      chat_line line(server.port(), "c" + std::to_string(t), 0);
      auto& complaint = complaints[static_cast<std::size_t>(t)];
      int newest = 0;
      for (int m = 0; !over && complaint.empty(); ++m, ++said) {
        const auto text = "text " + std::to_string(m);
        line.say("m" + std::to_string(m), text);
        for (json::object e;;) {
          e = json::parse(line.next()).as_object();
          if (e.at("type").as_string() == "error") complaint = json::serialize(e);
          if (e.at("type").as_string() == "error") break;
          if (e.at("type").as_string() != "final") continue;
          const std::string reply(e.at("reply").as_string());
          if (!reply.starts_with(text + " (")) complaint = "a wrong reply: " + reply;
          const int version = std::stoi(reply.substr(text.size() + 2));
          if (version < newest) complaint = "an older version than before: " + reply;
          newest = version;
          break;
        }
      }
    });
  for (int n = 1; n <= reloads; ++n) {
    const int before = said;
    while (said < before + 2 * talkers) std::this_thread::yield();
    write_version(n);
    const auto told = reload(server.port());
    BOOST_TEST((told.result() == http::status::ok), told.body());
  }
  over = true;
  for (std::thread& t : threads) t.join();
  for (const std::string& c : complaints) BOOST_TEST(c == "");
  BOOST_TEST(reply_to(server.port(), "last") == "last (20)");
  // All but one of the versions are gone, with their stages.
  while (get_json(server.port(), "/v1/graph").at("versions").to_number<int>() > 1)
    std::this_thread::yield();
  for (int t = 0; t < talkers; ++t)
    BOOST_TEST(get_json(server.port(), "/v1/conversations/c" + std::to_string(t))
                   .at("turns")
                   .as_array()
                   .size() > 0U);
  BOOST_TEST(server.stop() == 0);
}

BOOST_AUTO_TEST_CASE(takes_a_plugin_that_was_built_again, *boost::unit_test::timeout(60)) {
  nap_graph graph;
  const auto plugin = graph.folder() / "libnap.so";
  auto put = [&](const std::string& edition) {
    std::filesystem::copy_file(TROUPE_BINARY_DIR "/plugins/lib" + edition + ".so",
                               graph.folder() / "new");
    std::filesystem::rename(graph.folder() / "new", plugin);
  };
  put("nap");
  served_graph server(graph.file(), graph.folder());
  server.start();
  chat_line line(server.port(), "c1", 0);
  line.say("m1", "wait");
  line.next_of("accepted");
  put("nap_again");
  BOOST_TEST((reload(server.port()).result() == http::status::ok));
  BOOST_TEST(reply_to(server.port(), "new") == "new, built again");
  graph.go();
  BOOST_TEST(line.next_of("final").at("reply").as_string() == "wait");
}

BOOST_AUTO_TEST_CASE(may_be_asked_for_only_on_the_machine_itself) {
  nap_graph graph;
  served_graph server(graph.file(), graph.folder());
  server.start();
  auto with = [&](http::verb verb, const char* target, http::field field, const char* text) {
    asio::io_context context;
    tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), server.port()});
    http::request<http::string_body> request{verb, target, 11};
    request.set(http::field::host, "127.0.0.1");
    request.set(field, text);
    request.prepare_payload();
    http::write(socket, request);
    beast::flat_buffer buffer;
    http_reply response;
    http::read(socket, buffer, response);
    return response.result();
  };
  const auto forbidden = http::status::forbidden;
  const auto post = http::verb::post, get = http::verb::get;
  const char *reload = "/v1/admin/reload", *files = "/v1/admin/graph";
  BOOST_TEST((with(post, reload, http::field::origin, "http://elsewhere.example") == forbidden));
  BOOST_TEST((with(post, reload, http::field::host, "elsewhere.example") == forbidden));
  BOOST_TEST((with(get, files, http::field::host, "elsewhere.example:8080") == forbidden));
  BOOST_TEST((with(get, files, http::field::forwarded, "for=192.0.2.1") == forbidden));
  BOOST_TEST((with(get, files, http::field::host, "localhost:8080") == http::status::ok));
  BOOST_TEST((with(post, reload, http::field::accept, "*/*") == http::status::ok));
}

BOOST_AUTO_TEST_SUITE_END()
