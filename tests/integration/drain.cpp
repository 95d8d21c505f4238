// How `troupe serve` ends when it is asked to: what goes on, what is parked, what clients are told.

#include "integration/nap_graph.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace troupe::test;

namespace {

constexpr auto message = R"({"id":"h1","input":{"text":"wait"}})";

void wait_until_draining(std::uint16_t port) {
  while (ask(port, http::verb::get, "/ready").result() != http::status::service_unavailable)
    std::this_thread::yield();
}

int calls_out(std::uint16_t port) {
  return get_json(port, "/v1/graph").at("stages").at(0).at("outstanding").to_number<int>();
}

std::string code_of(const http_reply& r) {
  return std::string(json::parse(r.body()).at("error").at("code").as_string());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_server_that_is_asked_to_end)

BOOST_AUTO_TEST_CASE(takes_no_new_runs_and_lets_those_under_way_end,
                     *boost::unit_test::timeout(60)) {
  nap_graph graph;
  served_graph server(graph.file(), graph.folder(), {"--drain", "1h"});
  server.start();
  chat_line line(server.port(), "c1", 0), other(server.port(), "c2", 0);
  line.say("m1", "wait 等一等");
  line.next_of("accepted");
  line.say("m2", "behind it");
  line.next_of("accepted");

  server.signal(SIGTERM);
  wait_until_draining(server.port());
  const auto refused = ask(server.port(), http::verb::post, "/v1/runs", message);
  BOOST_TEST((refused.result() == http::status::service_unavailable));
  BOOST_TEST(code_of(refused) == "overloaded");
  BOOST_TEST(refused.count(http::field::retry_after) == 1U);
  other.say("m3", "too late");
  const auto told = other.next_of("error");
  BOOST_TEST(told.at("id").as_string() == "m3");
  BOOST_TEST(told.at("code").as_string() == "overloaded");
  BOOST_TEST(told.at("retry_after_ms").to_number<int>() > 0);
  // What was accepted already is no new message.
  line.say("m1", "wait 等一等");
  line.next_of("accepted");

  graph.go();
  BOOST_TEST(line.next_of("final").at("reply").as_string() == "wait 等一等");
  BOOST_TEST(line.next_of("final").at("reply").as_string() == "behind it");
  const auto why = line.wait_for_close();
  BOOST_TEST(why.code == 1012);
  BOOST_TEST(std::string(why.reason.c_str()).find("last_seq") != std::string::npos);
  other.wait_for_close();
  BOOST_TEST(server.wait() == 0);
  server.start();
  BOOST_TEST(server.recovered() == 0);
}

BOOST_AUTO_TEST_CASE(parks_what_does_not_end_in_time_and_says_so, *boost::unit_test::timeout(60)) {
  nap_graph graph;
  served_graph server(graph.file(), graph.folder(), {"--drain", "50ms"});
  server.start();
  chat_line line(server.port(), "c1", 0);
  line.say("m1", "wait");
  line.next_of("accepted");
  auto asked = std::async(std::launch::async, [&] {
    return ask(server.port(), http::verb::post, "/v1/conversations/c2/runs", message);
  });
  while (calls_out(server.port()) < 2) std::this_thread::yield();

  server.signal(SIGTERM);
  const auto answer = asked.get();
  BOOST_TEST((answer.result() == http::status::service_unavailable));
  BOOST_TEST(code_of(answer) == "overloaded");
  BOOST_TEST(answer.count(http::field::retry_after) == 1U);
  BOOST_TEST(answer.body().find("same id") != std::string::npos);
  BOOST_TEST(line.wait_for_close().code == 1012);
  BOOST_TEST(server.wait() == 0);

  graph.go();
  server.start();
  BOOST_TEST(server.recovered() == 2);
  chat_line again(server.port(), "c1", 0);
  BOOST_TEST(again.next_of("final").at("id").as_string() == "m1");
  const auto late = ask(server.port(), http::verb::post, "/v1/conversations/c2/runs", message);
  BOOST_TEST((late.result() == http::status::ok));
  BOOST_TEST(json::parse(late.body()).at("reply").as_string() == "wait");
}

BOOST_AUTO_TEST_CASE(ends_at_once_when_it_is_asked_twice_and_loses_nothing,
                     *boost::unit_test::timeout(60)) {
  nap_graph graph;
  served_graph server(graph.file(), graph.folder(), {"--drain", "1h"});
  server.start();
  chat_line line(server.port(), "c1", 0);
  line.say("m1", "wait");
  line.next_of("accepted");
  server.signal(SIGINT);
  wait_until_draining(server.port());
  server.signal(SIGINT);
  BOOST_TEST(server.wait() == 1);

  graph.go();
  server.start();
  BOOST_TEST(server.recovered() == 1);
  chat_line again(server.port(), "c1", 0);
  BOOST_TEST(again.next_of("final").at("reply").as_string() == "wait");
}

BOOST_AUTO_TEST_SUITE_END()
