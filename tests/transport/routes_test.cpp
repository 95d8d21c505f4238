#include "clients.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string hello_message = R"({"id":"m1","input":{"text":"hello"}})";
const std::string say_nihao = R"({"input":{"text":"你好"}})";

bool has_part(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_routes)

BOOST_AUTO_TEST_CASE(a_run_of_a_conversation_is_answered_with_its_final) {
  fixture f;
  http_test_client client(*f.running);
  auto reply = client.post("/v1/conversations/c%201/runs", hello_message);
  BOOST_TEST(reply.result_int() == 200u);
  auto body = body_of(reply);
  BOOST_TEST(text_of(body, "run") == "r1");
  BOOST_TEST(text_of(body, "reply") == "You said: hello");
  BOOST_TEST(text_of(body.at("slots").as_object(), "text") == "hello");
  BOOST_TEST(f.gate.submitted("r1").conversation == "c 1");
  BOOST_TEST(f.gate.submitted("r1").message_id == "m1");
  auto again = client.post("/v1/conversations/c%201/runs", hello_message);
  BOOST_TEST(text_of(body_of(again), "run") == "r1");
}

BOOST_AUTO_TEST_CASE(a_job_has_no_conversation) {
  fixture f;
  http_test_client client(*f.running);
  auto reply = client.post("/v1/runs", say_nihao);
  BOOST_TEST(text_of(body_of(reply), "reply") == "You said: 你好");
  BOOST_TEST(f.gate.submitted("r1").conversation.empty());
}

BOOST_AUTO_TEST_CASE(a_run_and_a_conversation_can_be_looked_up) {
  fixture f;
  http_test_client client(*f.running);
  client.post("/v1/conversations/c1/runs", hello_message);
  auto run = body_of(client.get("/v1/runs/r1"));
  BOOST_TEST(text_of(run, "state") == "finished");
  BOOST_TEST(text_of(run, "conversation") == "c1");
  BOOST_TEST(text_of(run, "id") == "m1");
  auto turns = body_of(client.get("/v1/conversations/c1")).at("turns").as_array();
  BOOST_REQUIRE_EQUAL(turns.size(), 1u);
  BOOST_TEST(text_of(turns[0].as_object(), "user") == "hello");
  BOOST_TEST(client.get("/v1/runs/r9").result_int() == 404u);
  BOOST_TEST(client.get("/v1/conversations/c9").result_int() == 404u);
}

BOOST_AUTO_TEST_CASE(a_failed_run_tells_its_error) {
  fixture f(fake_gateway::answers::when_told);
  http_test_client client(*f.running);
  std::thread later([&] {
    f.gate.fail(f.gate.wait_for_run(1), {errc::failed, "stage `generate` failed three times"});
  });
  auto reply = client.post("/v1/runs", hello_message);
  later.join();
  BOOST_TEST(reply.result_int() == 500u);
  BOOST_TEST(error_code_of(reply) == "failed");
  auto run = body_of(client.get("/v1/runs/r1"));
  BOOST_TEST(text_of(run, "state") == "failed");
  BOOST_TEST(text_of(run.at("error").as_object(), "code") == "failed");
}

BOOST_AUTO_TEST_CASE(every_error_has_its_status) {
  const std::vector<std::pair<errc, unsigned>> cases = {
      {errc::invalid_request, 400}, {errc::unauthorized, 401}, {errc::forbidden, 403},
      {errc::not_found, 404},       {errc::conflict, 409},     {errc::overloaded, 429},
      {errc::rate_limited, 429},    {errc::deadline, 504},     {errc::budget, 422},
      {errc::cancelled, 409},       {errc::failed, 500},       {errc::internal, 500}};
  fixture f;
  http_test_client client(*f.running);
  for (auto [code, status] : cases) {
    f.gate.refuse({code, "because", std::chrono::milliseconds(1200)});
    auto reply = client.post("/v1/runs", hello_message);
    BOOST_TEST_CONTEXT(name_of(code)) {
      BOOST_TEST(reply.result_int() == status);
      BOOST_TEST(error_code_of(reply) == wire_name(code));
      BOOST_TEST(error_message_of(reply) == "because");
      bool waits = status == 429 || status == 503;
      BOOST_TEST(reply[http::field::retry_after] == (waits ? "2" : ""));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bad_body_is_refused_and_the_member_named) {
  fixture f;
  http_test_client client(*f.running);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not JSON"},
      {"{", "not JSON"},
      {"[]", "expected a JSON object"},
      {"{}", "`input` is missing"},
      {R"({"input":"hi"})", "`input` must be an object"},
      {R"({"input":{},"id":7})", "`id` must be text"},
      {"{\"input\":{\"text\":\"\xFF\"}}", "not JSON at byte"},
  };
  for (const auto& [body, part] : cases) {
    auto reply = client.post("/v1/runs", body);
    BOOST_TEST_CONTEXT(body) {
      BOOST_TEST(reply.result_int() == 400u);
      BOOST_TEST(has_part(error_message_of(reply), part), error_message_of(reply));
    }
  }
}

BOOST_AUTO_TEST_CASE(server_sent_events_tell_the_run_as_it_goes) {
  fixture f;
  http_test_client client(*f.running);
  auto reply =
      client.post("/v1/conversations/c1/runs", hello_message, {{"Accept", "text/event-stream"}});
  BOOST_TEST(reply[http::field::content_type] == "text/event-stream");
  const auto& body = reply.body();
  BOOST_TEST(body.starts_with("event: accepted\ndata: {\"type\":\"accepted\""), body);
  BOOST_TEST(has_part(body, "\n\nevent: delta\nid: 2\ndata: {"), body);
  auto final = body.find("event: final\nid: 5\ndata: ");
  BOOST_REQUIRE(final != std::string::npos);
  BOOST_TEST(body.ends_with("\n\n"));
  BOOST_TEST(client.get("/health").result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(a_refusal_before_the_stream_keeps_its_status) {
  fixture f;
  f.gate.refuse({errc::rate_limited, "slower, please"});
  http_test_client client(*f.running);
  auto reply = client.post("/v1/runs", hello_message, {{"Accept", "text/event-stream"}});
  BOOST_TEST(reply.result_int() == 429u);
  BOOST_TEST(reply[http::field::retry_after] == "1");
}

BOOST_AUTO_TEST_CASE(a_stream_whose_client_left_is_forgotten) {
  fixture f(fake_gateway::answers::when_told);
  raw_client client(*f.running);
  client.send(
      "POST /v1/runs HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n"
      "Content-Length: 12\r\n\r\n{\"input\":{}}");
  auto run = f.gate.wait_for_run(1);
  client.read(15);
  // Closing with unread bytes resets the connection, which the server sees at once.
  client.socket().set_option(asio::socket_base::linger(true, 0));
  client.close();
  int told = 0;
  for (; told < 100'000 && f.gate.followed(run); ++told) f.gate.delta(run, "x");
  BOOST_TEST(!f.gate.followed(run));
  http_test_client other(*f.running);
  BOOST_TEST(other.get("/health").result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_in_the_middle_harms_nobody) {
  fixture f(fake_gateway::answers::when_told);
  {
    raw_client half(*f.running);
    half.send("POST /v1/runs HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n{\"inp");
    raw_client waiting(*f.running);
    waiting.send("POST /v1/runs HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n\r\n{\"input\":{}}");
    BOOST_REQUIRE(!f.gate.wait_for_run(1).empty());
  }
  f.gate.finish("r1", "nobody reads this");
  http_test_client other(*f.running);
  BOOST_TEST(text_of(body_of(other.get("/v1/runs/r1")), "state") == "finished");
}

BOOST_AUTO_TEST_CASE(feedback_is_taken_and_confirmed) {
  fixture f;
  http_test_client client(*f.running);
  client.post("/v1/runs", hello_message);
  auto reply = client.post("/v1/feedback", R"({"run":"r1","rating":1,"comment":"很好"})");
  BOOST_TEST(reply.result_int() == 200u);
  BOOST_TEST(reply.body() == R"({"run":"r1","rating":1})");
  BOOST_TEST(f.gate.given(0).comment == "很好");
  BOOST_TEST(client.post("/v1/feedback", R"({"run":"r7","rating":1})").result_int() == 404u);
  BOOST_TEST(client.post("/v1/feedback", R"({"run":"r1","rating":0})").result_int() == 400u);
}

BOOST_AUTO_TEST_CASE(health_is_always_well_and_ready_says_what_is_missing) {
  fixture f;
  http_test_client client(*f.running);
  BOOST_TEST(client.get("/health").result_int() == 200u);
  BOOST_TEST(client.get("/ready").result_int() == 200u);
  f.gate.not_ready({errc::unavailable, "model `writer` is loading"});
  auto reply = client.get("/ready");
  BOOST_TEST(reply.result_int() == 503u);
  BOOST_TEST(error_message_of(reply) == "model `writer` is loading");
  BOOST_TEST(reply[http::field::retry_after] == "1");
}

BOOST_AUTO_TEST_CASE(the_graph_and_the_page_and_the_metrics_are_there) {
  fixture f;
  http_test_client client(*f.running);
  BOOST_TEST(text_of(body_of(client.get("/v1/graph")), "name") == "fake");
  auto page = client.get("/");
  BOOST_TEST(page[http::field::content_type] == "text/html; charset=utf-8");
  BOOST_TEST(has_part(page.body(), "<script>"));
  BOOST_TEST(has_part(std::string(page["Content-Security-Policy"]), "script-src 'sha256-"));
  auto cached = client.get("/", {{"If-None-Match", std::string(page[http::field::etag])}});
  BOOST_TEST(cached.result_int() == 304u);
  client.post("/v1/runs", hello_message);
  auto metrics = client.get("/metrics").body();
  BOOST_TEST(has_part(metrics, R"(troupe_http_requests_total{route="/v1/runs",status="200"} 1)"),
             metrics);
  BOOST_TEST(has_part(metrics, R"(troupe_ingress_run_seconds_count{outcome="finished"} 1)"));
  BOOST_TEST(has_part(metrics, R"(troupe_connections{kind="http"} 1)"));
  for (const char* line :
       {R"(troupe_stage_calls_total{stage="generate"} 3)",
        R"(troupe_stage_work_seconds_bucket{stage="generate",le="0.0025"} 0)",
        R"(troupe_stage_work_seconds_bucket{stage="generate",le="0.005"} 1)",
        R"(troupe_stage_work_seconds_bucket{stage="generate",le="+Inf"} 1)",
        R"(troupe_stage_zombies{stage="generate"} 0)", "troupe_reviews_waiting 4",
        "troupe_dead_letters 0", R"(vllm:num_requests_running{model_name="small"} 2)",
        R"(vllm:num_requests_waiting{model_name="small"} 1)",
        R"(vllm:kv_cache_usage_perc{model_name="small"} 0.25)",
        R"(vllm:generation_tokens_total{model_name="small"} 77)",
        R"(vllm:request_success_total{model_name="small",finished_reason="abort"} 2)",
        R"(vllm:time_to_first_token_seconds_bucket{model_name="small",le="0.005"} 1)",
        R"(troupe_engine_requests_total{model_name="small"} 9)"})
    BOOST_TEST(has_part(metrics, line), line << " is not in " << metrics);
}

BOOST_AUTO_TEST_SUITE_END()
