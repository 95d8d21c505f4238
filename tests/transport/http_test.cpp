#include "clients.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

const std::string say_hello = R"({"id":"m1","input":{"text":"hello"}})";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_protocol)

BOOST_AUTO_TEST_CASE(unknown_paths_and_methods_are_told_apart) {
  fixture f;
  http_test_client client(*f.running);
  for (const auto* path : {"/nothing", "/v1/runs/a/b", "/v1/conversations//runs", "/v1/"}) {
    auto reply = client.get(path);
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(reply.result_int() == 404u);
      BOOST_TEST(error_code_of(reply) == "not_found");
    }
  }
  auto wrong = client.get("/v1/runs");
  BOOST_TEST(wrong.result_int() == 405u);
  BOOST_TEST(wrong[http::field::allow] == "OPTIONS, POST");
  BOOST_TEST(client.ask(http::verb::delete_, "/health")[http::field::allow] ==
             "OPTIONS, GET, HEAD");
  auto options = client.ask(http::verb::options, "/v1/graph");
  BOOST_TEST(options.result_int() == 204u);
  BOOST_TEST(options[http::field::allow] == "OPTIONS, GET, HEAD");
  BOOST_TEST(client.get("/v1/runs/a%0Ab").result_int() == 400u);
  BOOST_TEST(client.get("/v1/chat?conversation=c").result_int() == 426u);
}

BOOST_AUTO_TEST_CASE(head_is_get_without_the_body) {
  fixture f;
  http_test_client client(*f.running);
  auto whole = client.get("/health");
  auto head = client.ask(http::verb::head, "/health");
  BOOST_TEST(head.result_int() == 200u);
  BOOST_TEST(head.body().empty());
  BOOST_TEST(head[http::field::content_length] == std::to_string(whole.body().size()));
  BOOST_TEST(client.get("/health").body() == whole.body());
}

BOOST_AUTO_TEST_CASE(a_request_id_is_echoed_or_made) {
  fixture f;
  http_test_client client(*f.running);
  BOOST_TEST(client.get("/health", {{"X-Request-Id", "abc-123"}})["x-request-id"] == "abc-123");
  BOOST_TEST(client.get("/nothing", {{"X-Request-Id", "abc-124"}})["x-request-id"] == "abc-124");
  auto made = client.get("/health")["x-request-id"];
  BOOST_TEST(made.size() == 16u);
  auto forged = client.get("/health", {{"X-Request-Id", std::string(200, 'x')}})["x-request-id"];
  BOOST_TEST(forged.size() == 16u);
}

BOOST_AUTO_TEST_CASE(only_json_is_taken) {
  fixture f;
  http_test_client client(*f.running);
  auto form = client.post("/v1/runs", say_hello, {{"Content-Type", "text/plain"}});
  BOOST_TEST(form.result_int() == 415u);
  auto charset =
      client.post("/v1/runs", say_hello, {{"Content-Type", "application/json; charset=utf-8"}});
  BOOST_TEST(charset.result_int() == 200u);
  auto foreign = client.post("/v1/runs", say_hello, {{"Origin", "https://elsewhere.example"}});
  BOOST_TEST(foreign.result_int() == 403u);
}

BOOST_AUTO_TEST_CASE(a_request_above_a_bound_is_refused_and_the_connection_closed) {
  fixture f;
  const std::string big(20 * 1024, 'x');
  raw_client header(*f.running);
  header.send("GET /health HTTP/1.1\r\nX-Big: " + big + "\r\n\r\n");
  BOOST_TEST(header.read_all().starts_with("HTTP/1.1 431 "));
  raw_client target(*f.running);
  target.send("GET /" + big + " HTTP/1.1\r\n\r\n");
  BOOST_TEST(target.read_all().starts_with("HTTP/1.1 414 "));
  raw_client told(*f.running);
  told.send("POST /v1/runs HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n");
  BOOST_TEST(told.read_all().starts_with("HTTP/1.1 413 "));
  raw_client chunked(*f.running);
  chunked.send("POST /v1/runs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  boost::system::error_code ec;
  for (int i = 0; i < 20 && !ec; ++i) asio::write(chunked.socket(), asio::buffer(chunk), ec);
  BOOST_TEST(chunked.read_all().starts_with("HTTP/1.1 413 "));
}

BOOST_AUTO_TEST_CASE(what_is_no_http_gets_400) {
  fixture f;
  for (const auto* bytes : {"\x16\x03\x01 hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                            "GET / HTTP/1.1\r\nbad header\r\n\r\n"}) {
    raw_client client(*f.running);
    client.send(bytes);
    BOOST_TEST(client.read_all().starts_with("HTTP/1.1 400 "));
  }
}

BOOST_AUTO_TEST_CASE(a_header_that_never_ends_gets_408) {
  server_options options;
  options.timeouts.header = std::chrono::milliseconds(40);
  fixture f(fake_gateway::answers::at_once, options);
  raw_client client(*f.running);
  client.send("GET /health HTTP/1.1\r\nX-Slow: ");
  BOOST_TEST(client.read_all().starts_with("HTTP/1.1 408 "));
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_closed_without_a_word) {
  server_options options;
  options.timeouts.idle = std::chrono::milliseconds(40);
  fixture f(fake_gateway::answers::at_once, options);
  raw_client client(*f.running);
  BOOST_TEST(client.read_all().empty());
}

BOOST_AUTO_TEST_CASE(requests_sent_in_one_go_are_answered_in_order) {
  fixture f;
  raw_client client(*f.running);
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += "GET /health HTTP/1.1\r\nX-Request-Id: n" + std::to_string(i) + "\r\n\r\n";
  all += "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n";
  client.send(all);
  auto answers = client.read_all();
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answers.find("X-Request-Id: n" + std::to_string(i) + "\r\n", at);
    BOOST_REQUIRE(at != std::string::npos);
  }
  BOOST_TEST(contains(answers.substr(at), "Connection: close"));
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_first_may_send_its_body) {
  fixture f;
  raw_client client(*f.running);
  client.send(
      "POST /v1/runs HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\n"
      "Content-Length: 12\r\n\r\n");
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  BOOST_TEST(client.read(go_on.size()) == go_on);
  client.send("{\"input\":{}}");
  BOOST_TEST(client.read_all().starts_with("HTTP/1.1 200 OK\r\n"));
}

BOOST_AUTO_TEST_CASE(a_client_that_closed_its_half_still_gets_its_answer) {
  fixture f(fake_gateway::answers::when_told);
  raw_client client(*f.running);
  client.send("POST /v1/runs HTTP/1.1\r\nContent-Length: 12\r\n\r\n{\"input\":{}}");
  client.socket().shutdown(tcp::socket::shutdown_send);
  f.gate.finish(f.gate.wait_for_run(1), "done");
  BOOST_TEST(contains(client.read_all(), R"("reply":"done")"));
}

BOOST_AUTO_TEST_CASE(http_1_0_gets_one_answer_and_no_chunks) {
  fixture f;
  raw_client client(*f.running);
  client.send(
      "POST /v1/runs HTTP/1.0\r\nAccept: text/event-stream\r\nContent-Length: 12\r\n\r\n"
      "{\"input\":{}}");
  auto answer = client.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.0 200 OK\r\n"));
  BOOST_TEST(contains(answer, "\r\n\r\nevent: accepted\n"));
  BOOST_TEST(answer.ends_with("}\n\n"));
}

BOOST_AUTO_TEST_CASE(above_the_bound_of_connections_the_server_says_so) {
  server_options options;
  options.limits.connections = 2;
  fixture f(fake_gateway::answers::at_once, options);
  http_test_client a(*f.running), b(*f.running);
  a.get("/health");
  b.get("/health");
  raw_client c(*f.running);
  auto answer = c.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 503 "));
  BOOST_TEST(contains(answer, "Retry-After: 1"));
  BOOST_TEST(a.get("/health").result_int() == 200u);
}

BOOST_AUTO_TEST_CASE(a_draining_server_answers_what_it_has_and_takes_nothing_new) {
  fixture f(fake_gateway::answers::when_told);
  raw_client waiting(*f.running);
  waiting.send("POST /v1/runs HTTP/1.1\r\nContent-Length: 12\r\n\r\n{\"input\":{}}");
  auto run = f.gate.wait_for_run(1);
  f.running->stop_accepting();
  boost::system::error_code refused;
  asio::io_context context;
  tcp::socket late(context);
  late.connect(endpoint_of(*f.running), refused);
  BOOST_TEST(refused == asio::error::connection_refused);
  f.gate.finish(run, "done");
  BOOST_TEST(contains(waiting.read_all(), R"("reply":"done")"));
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_or_taken_is_told) {
  fixture f;
  server_options options;
  options.address = "nowhere";
  auto none = server::start(options, f.gate);
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code == errc::invalid_request));
  options.address = "127.0.0.1";
  options.port = f.running->port();
  auto taken = server::start(options, f.gate);
  BOOST_REQUIRE(!taken);
  BOOST_TEST((taken.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
