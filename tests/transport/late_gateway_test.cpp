#include "clients.hpp"

#include "support/recording_sink.hpp"
#include "transport/late_gateway.hpp"

#include <thread>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A server whose system is not there before `late.open(gate)`.
struct early_server {
  early_server() {
    server_options options;
    options.port = 0;
    options.quiet = true;
    options.graph_name = "fake";
    auto started = server::start(std::move(options), late);
    BOOST_REQUIRE(started);
    running = *std::move(started);
  }

  fake_gateway gate;
  late_gateway late;
  std::unique_ptr<server> running;
};

const std::string early_input = R"({"input":{"text":"hello"}})";

struct early_request {
  http::verb verb;
  std::string target, body;
};

std::vector<early_request> requests_for_the_system() {
  using enum http::verb;
  return {
      {post, "/v1/runs", early_input},
      {post, "/v1/conversations/c1/runs", early_input},
      {post, "/v1/chat/completions",
       R"({"model":"fake","messages":[{"role":"user","content":"hello"}]})"},
      {post, "/v1/chat/completions",
       R"({"model":"fake","stream":true,"messages":[{"role":"user","content":"hello"}]})"},
      {get, "/v1/runs/r1", ""},
      {get, "/v1/conversations/c1", ""},
      {post, "/v1/feedback", R"({"run":"r1","rating":1})"},
      {get, "/v1/reviews", ""},
      {get, "/v1/reviews/r1", ""},
      {post, "/v1/reviews/r1", R"({"verdict":"approve"})"},
      {get, "/v1/dead_letters", ""},
      {get, "/v1/dead_letters/r1", ""},
      {post, "/v1/dead_letters/r1", R"({"action":"retry"})"},
      {post, "/v1/dead_letters/r1", R"({"action":"drop"})"},
      {get, "/v1/graph", ""},
      {post, "/v1/admin/reload", ""},
      {get, "/v1/admin/graph", ""},
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_server_whose_models_are_being_loaded)

BOOST_AUTO_TEST_CASE(is_alive_and_not_ready) {
  early_server s;
  http_test_client client(*s.running);
  BOOST_TEST(client.get("/health").result_int() == 200u);
  const auto reply = client.get("/ready");
  BOOST_TEST(reply.result_int() == 503u);
  BOOST_TEST(error_message_of(reply) == "the models are being loaded");
  BOOST_TEST(reply[http::field::retry_after] == "1");
  for (const char* target : {"/", "/v1/models", "/metrics"})
    BOOST_TEST(client.get(target).result_int() == 200u, target);
  s.late.open(s.gate);
  BOOST_TEST(client.get("/ready").result_int() == 200u);
  s.gate.not_ready({errc::unavailable, "the disk is full"});
  BOOST_TEST(error_message_of(client.get("/ready")) == "the disk is full");
  BOOST_TEST(client.get("/v1/graph").result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(refuses_what_needs_the_system_and_says_when_to_come_back) {
  early_server s;
  http_test_client client(*s.running);
  const http_test_client::fields here = {{"Host", "127.0.0.1"}};
  for (const auto& r : requests_for_the_system()) {
    const auto reply = client.ask(r.verb, r.target, r.body, here);
    BOOST_TEST_CONTEXT(r.target << ' ' << r.body) {
      BOOST_TEST(reply.result_int() == 503u);
      BOOST_TEST(error_message_of(reply) == "the models are being loaded");
      BOOST_TEST(reply[http::field::retry_after] == "1");
    }
  }
  const auto streamed = client.post("/v1/runs", early_input, {{"Accept", "text/event-stream"}});
  BOOST_TEST(streamed.result_int() == 503u);
  s.late.open(s.gate);
  for (const auto& r : requests_for_the_system()) {
    const auto reply = client.ask(r.verb, r.target, r.body, here);
    BOOST_TEST(reply.result_int() != 503u, r.target << ' ' << reply.body());
  }
  BOOST_TEST(s.gate.submitted("r1").input.size() == 1u);
}

BOOST_AUTO_TEST_CASE(refuses_a_message_over_a_websocket_which_can_be_said_again_later) {
  early_server s;
  websocket_test_client client(*s.running, "conversation=c1");
  client.send(R"({"type":"say","id":"m1","text":"hello"})");
  const auto refused = client.next();
  BOOST_TEST(text_of(refused, "type") == "error");
  BOOST_TEST(text_of(refused, "id") == "m1");
  BOOST_TEST(text_of(refused, "message") == "the models are being loaded");
  BOOST_TEST(refused.at("retry_after_ms").to_number<int>() == 1000);
  client.send(R"({"type":"cancel","run":"r1"})");
  BOOST_TEST(client.next().at("retry_after_ms").to_number<int>() == 1000);
  client.send(R"({"type":"ping"})");
  BOOST_TEST(text_of(client.next(), "type") == "pong");

  s.late.open(s.gate);
  client.send(R"({"type":"say","id":"m1","text":"hello"})");
  BOOST_TEST(text_of(client.until("final").back(), "reply") == "You said: hello");
}

BOOST_AUTO_TEST_CASE(tells_a_websocket_that_came_early_what_it_missed) {
  early_server s;
  s.gate.submit({"c1", "m1", "", {{"text", "hello"}}}, std::make_shared<recording_sink>(),
                follow::none);
  websocket_test_client client(*s.running, "conversation=c1&last_seq=0");
  client.send(R"({"type":"ping"})");
  BOOST_TEST(text_of(client.next(), "type") == "pong");
  s.late.open(s.gate);
  BOOST_TEST(text_of(client.until("final").back(), "id") == "m1");
  client.close();
  BOOST_TEST(s.gate.wait_until_detached("c1"));
}

BOOST_AUTO_TEST_CASE(forgets_who_left_before_it_was_loaded) {
  fake_gateway gate;
  late_gateway late;
  const auto gone = std::make_shared<recording_sink>(), stays = std::make_shared<recording_sink>();
  late.attach("c1", 0, gone);
  late.attach("c1", 0, stays);
  late.attach("c2", 0, gone);
  late.detach("c1", gone);
  late.client_left("c1", "r1");
  late.open(gate);
  BOOST_TEST(gate.attached("c1") == 1u);
  BOOST_TEST(gate.attached("c2") == 1u);
  late.detach("c1", stays);
  BOOST_TEST(gate.attached("c1") == 0u);
}

BOOST_AUTO_TEST_CASE(loses_nobody_who_comes_or_goes_just_then) {
  constexpr int threads = 4, each = 300;
  fake_gateway gate;
  late_gateway late;
  std::atomic<int> came = 0;
  std::vector<std::jthread> clients;
  for (int t = 0; t < threads; ++t)
    clients.emplace_back([&] {
      for (int i = 0; i < each; ++i, ++came) {
        const auto goes = std::make_shared<recording_sink>();
        late.attach("goes", 0, goes);
        late.attach("stays", 0, std::make_shared<recording_sink>());
        late.detach("goes", goes);
      }
    });
  while (came < threads * each / 4) std::this_thread::yield();
  late.open(gate);
  clients.clear();
  BOOST_TEST(gate.attached("stays") == std::size_t{threads * each});
  BOOST_TEST(gate.attached("goes") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
