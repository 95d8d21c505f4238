#include "clients.hpp"

using namespace troupe;
using namespace troupe::test;

BOOST_AUTO_TEST_SUITE(websocket)

BOOST_AUTO_TEST_CASE(a_turn_is_accepted_streamed_and_finished) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  client.send(R"({"type":"say","id":"m1","text":"hello","slots":{"order_id":"A-7"}})");
  auto events = client.until("final");
  BOOST_REQUIRE_EQUAL(events.size(), 6u);
  BOOST_TEST(text_of(events[0], "type") == "accepted");
  BOOST_TEST(text_of(events[0], "id") == "m1");
  BOOST_TEST(text_of(events[1], "state") == "started");
  std::string joined;
  for (const auto& e : events)
    if (text_of(e, "type") == "delta") joined += text_of(e, "text");
  BOOST_TEST(joined == "You said: hello");
  BOOST_TEST(text_of(events[5], "reply") == joined);
  for (std::size_t i = 1; i < events.size(); ++i)
    BOOST_TEST(events[i].at("seq").to_number<std::size_t>() == i);
  auto s = f.gate.submitted("r1");
  BOOST_TEST(s.conversation == "c1");
  BOOST_REQUIRE_EQUAL(s.input.size(), 2u);
  BOOST_TEST(s.input[0].first == "text");
  BOOST_TEST(s.input[1].second.as_text() == "A-7");
}

BOOST_AUTO_TEST_CASE(chinese_text_travels_both_ways_unchanged) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=%E5%AF%B9%E8%AF%9D&user=u1");
  client.send(R"({"type":"say","text":"我的订单什么时候到？🚚"})");
  auto final = client.until("final").back();
  BOOST_TEST(text_of(final, "reply") == "You said: 我的订单什么时候到？🚚");
  auto s = f.gate.submitted("r1");
  BOOST_TEST(s.conversation == "对话");
  BOOST_TEST(s.owner == "u1");
  BOOST_TEST(!s.message_id.empty());
}

BOOST_AUTO_TEST_CASE(a_repeated_message_id_runs_nothing_and_gets_the_same_final) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  client.send(R"({"type":"say","id":"m1","text":"hello"})");
  auto first = client.until("final").back();
  client.send(R"({"type":"say","id":"m1","text":"hello"})");
  auto again = client.until("final");
  BOOST_TEST(again.size() == 2u);
  BOOST_TEST(again.back() == first);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_frame_is_named_and_the_connection_stays) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  const std::string long_text(33 * 1024, 'x');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{nonsense", "not JSON at byte"},
      {"", "not JSON at byte"},
      {"[1,2]", "expected a JSON object"},
      {R"({"text":"hi"})", "`type` is missing"},
      {R"({"type":7})", "`type` must be text"},
      {R"({"type":"shout","text":"hi"})", "`type` is `shout`"},
      {R"({"type":"say"})", "`text` is missing"},
      {R"({"type":"say","text":""})", "`text` must not be empty"},
      {R"({"type":"say","text":["hi"]})", "`text` must be text"},
      {R"({"type":"say","text":")" + long_text + "\"}", "`text` has 33792 bytes"},
      {R"({"type":"say","text":"hi","id":"a\u0007"})", "`id` must not contain control"},
      {R"({"type":"say","text":"hi","slots":[]})", "`slots` must be an object"},
      {R"({"type":"say","text":"hi","slots":{"text":"x"}})", "`slots.text` repeats `text`"},
      {R"({"type":"say","text":"\ud800"})", "not JSON at byte"},
      {R"({"type":"cancel"})", "`run` is missing"},
      {R"({"type":"feedback","run":"r1","rating":2})", "`rating` must be 1 or -1"},
      {R"({"type":"feedback","run":"r1"})", "`rating` is missing"},
      {R"({"type":"ping"} x)", "not JSON at byte 16"},
      {"{\"type\":\"say\",\"slots\":" + std::string(40, '[') + std::string(40, ']') + "}",
       "nested deeper than 32"},
  };
  for (const auto& [frame, part] : cases) {
    client.send(frame);
    auto answer = client.next();
    BOOST_TEST_CONTEXT(frame.substr(0, 60)) {
      BOOST_TEST(text_of(answer, "type") == "error");
      BOOST_TEST(text_of(answer, "code") == "invalid_request");
      BOOST_TEST(text_of(answer, "message").find(part) != std::string::npos,
                 text_of(answer, "message"));
    }
  }
  client.send_binary("\x01\x02");
  BOOST_TEST(text_of(client.next(), "message").starts_with("binary frames are not taken"));
  client.send(R"({"type":"ping"})");
  BOOST_TEST(text_of(client.next(), "type") == "pong");
}

BOOST_AUTO_TEST_CASE(a_frame_above_the_bound_closes_with_1009) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  boost::system::error_code ignored;
  client.stream().write(asio::buffer(std::string(65 * 1024, 'x')), ignored);
  BOOST_TEST(client.close_code() == 1009);
  BOOST_TEST(f.gate.wait_until_detached("c1"));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf8_closes_with_1007) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  client.send("{\"type\":\"say\",\"text\":\"\xE4\xBD\"}");
  BOOST_TEST(client.close_code() == 1007);
}

BOOST_AUTO_TEST_CASE(a_client_that_returns_gets_what_it_missed) {
  fixture f;
  websocket_test_client first(*f.running, "conversation=c1");
  first.send(R"({"type":"say","text":"one"})");
  auto seen = first.until("delta").back().at("seq").as_int64();
  first.vanish();
  BOOST_REQUIRE(f.gate.wait_until_detached("c1"));
  websocket_test_client second(*f.running, "conversation=c1&last_seq=" + std::to_string(seen));
  auto rest = second.until("final");
  BOOST_TEST(rest.front().at("seq").as_int64() == seen + 1);
  BOOST_TEST(text_of(rest.back(), "reply") == "You said: one");
}

BOOST_AUTO_TEST_CASE(without_last_seq_only_new_events_come) {
  fixture f;
  websocket_test_client first(*f.running, "conversation=c1");
  first.send(R"({"type":"say","text":"one"})");
  first.until("final");
  websocket_test_client second(*f.running, "conversation=c1");
  second.send(R"({"type":"ping"})");
  BOOST_TEST(text_of(second.next(), "type") == "pong");
}

BOOST_AUTO_TEST_CASE(two_clients_of_one_conversation_see_the_same_events) {
  fixture f;
  websocket_test_client a(*f.running, "conversation=c1"), b(*f.running, "conversation=c1");
  b.send(R"({"type":"ping"})");
  b.next();
  a.send(R"({"type":"say","text":"hi"})");
  BOOST_TEST(a.until("final").back() == b.until("final").back());
}

BOOST_AUTO_TEST_CASE(a_run_is_cancelled_and_an_unknown_one_is_not_found) {
  fixture f(fake_gateway::answers::when_told);
  websocket_test_client client(*f.running, "conversation=c1");
  client.send(R"({"type":"say","text":"hi"})");
  BOOST_TEST(text_of(client.next(), "type") == "accepted");
  client.send(R"({"type":"cancel","run":"r1"})");
  BOOST_TEST(text_of(client.next(), "code") == "cancelled");
  client.send(R"({"type":"cancel","run":"r9"})");
  auto answer = client.next();
  BOOST_TEST(text_of(answer, "code") == "not_found");
  BOOST_TEST(text_of(answer, "run") == "r9");
}

BOOST_AUTO_TEST_CASE(feedback_reaches_the_gateway) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  client.send(R"({"type":"say","text":"hi"})");
  client.until("final");
  client.send(R"({"type":"feedback","run":"r1","rating":-1,"comment":"不对"})");
  BOOST_REQUIRE(f.gate.wait_for_feedback(1));
  BOOST_TEST(f.gate.given(0).rating == -1);
  BOOST_TEST(f.gate.given(0).comment == "不对");
  client.send(R"({"type":"feedback","run":"none","rating":1})");
  BOOST_TEST(text_of(client.next(), "code") == "not_found");
}

BOOST_AUTO_TEST_CASE(a_refused_turn_says_when_to_come_back) {
  fixture f;
  f.gate.refuse({errc::overloaded, "too many runs", std::chrono::milliseconds(700)});
  websocket_test_client client(*f.running, "conversation=c1");
  client.send(R"({"type":"say","id":"m1","text":"hi"})");
  auto answer = client.next();
  BOOST_TEST(text_of(answer, "code") == "overloaded");
  BOOST_TEST(text_of(answer, "id") == "m1");
  BOOST_TEST(answer.at("retry_after_ms").as_int64() == 700);
}

BOOST_AUTO_TEST_CASE(a_request_to_upgrade_without_a_good_conversation_is_refused) {
  fixture f;
  const std::string long_id(129, 'a');
  for (const auto& query :
       {std::string(""), std::string("?conversation="), "?conversation=" + long_id,
        std::string("?conversation=a%00b"), std::string("?conversation=%FF"),
        std::string("?conversation=%4"), std::string("?conversation=c&last_seq=-1"),
        std::string("?conversation=c&last_seq=two")}) {
    http_test_client client(*f.running);
    auto reply =
        client.get("/v1/chat" + query, {{"Connection", "Upgrade"},
                                        {"Upgrade", "websocket"},
                                        {"Sec-WebSocket-Version", "13"},
                                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
    BOOST_TEST_CONTEXT(query) {
      BOOST_TEST(reply.result_int() == 400u);
      BOOST_TEST(error_code_of(reply) == "invalid_request");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_page_of_another_origin_cannot_open_a_websocket) {
  fixture f;
  http_test_client::fields upgrade = {{"Connection", "Upgrade"},
                                      {"Upgrade", "websocket"},
                                      {"Sec-WebSocket-Version", "13"},
                                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  upgrade.emplace_back("Origin", "https://elsewhere.example");
  http_test_client stranger(*f.running);
  BOOST_TEST(stranger.get("/v1/chat?conversation=c", upgrade).result_int() == 403u);
  upgrade.back().second = "http://test";
  http_test_client own(*f.running);
  BOOST_TEST(own.get("/v1/chat?conversation=c", upgrade).result_int() == 101u);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_and_holds_nobody_up) {
  server_options options;
  options.limits.outgoing_bytes = 64 * 1024;
  options.timeouts.linger = std::chrono::milliseconds(200);
  fixture f(fake_gateway::answers::when_told, options);
  websocket_test_client slow(*f.running, "conversation=c1", 4096);
  websocket_test_client quick(*f.running, "conversation=c2");
  slow.send(R"({"type":"say","text":"much"})");
  auto run = f.gate.wait_for_run(1);
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  const std::string piece(16 * 1024, 'x');
  // The kernel takes a few megabytes before the outbox fills; nothing here ever blocks.
  std::size_t sent = 0;
  for (; sent < 4096 && f.gate.attached("c1") == 1; ++sent) f.gate.delta(run, piece);
  BOOST_TEST(f.gate.attached("c1") == 0u);
  quick.send(R"({"type":"ping"})");
  BOOST_TEST(text_of(quick.next(), "type") == "pong");
  f.gate.finish(run, "done");
  // What was cut off is still there for a client that returns.
  websocket_test_client back(*f.running, "conversation=c1&last_seq=" + std::to_string(sent));
  BOOST_TEST(text_of(back.until("final").back(), "reply") == "done");
}

BOOST_AUTO_TEST_CASE(a_slow_client_that_reads_on_gets_everything_in_order) {
  server_options options;
  options.limits.outgoing_events = 8;
  fixture f(fake_gateway::answers::when_told, options);
  websocket_test_client slow(*f.running, "conversation=c1");
  slow.send(R"({"type":"say","text":"much"})");
  auto run = f.gate.wait_for_run(1);
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  // The kernel takes a few megabytes; the rest waits where the gateway keeps it.
  const std::string piece(256 * 1024, 'x');
  constexpr int pieces = 100;
  bool waited = false;
  for (int i = 0; i < pieces; ++i) {
    f.gate.delta(run, piece);
    waited = waited || f.gate.attached("c1") == 0;
  }
  BOOST_TEST(waited);
  f.gate.finish(run, "done");
  const auto told = slow.until("final");
  std::int64_t seq = 0;
  for (const json::object& frame : told)
    if (frame.contains("seq")) BOOST_TEST(frame.at("seq").to_number<std::int64_t>() == ++seq);
  BOOST_TEST(seq == pieces + 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_without_end_is_not_read_from_until_it_is_answered) {
  fixture f(fake_gateway::answers::when_told);
  f.gate.hold_answers();
  websocket_test_client eager(*f.running, "conversation=c1");
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  constexpr std::ptrdiff_t all = 100, unanswered = 32;
  for (int i = 0; i < all; ++i) eager.send(R"({"type":"say","text":"again"})");
  eager.send(R"({"type":"ping"})");
  BOOST_TEST(f.gate.wait_until_held(unanswered) == static_cast<std::size_t>(unanswered));
  f.gate.give_answers();
  auto accepted = [](const std::vector<json::object>& frames) {
    return std::ranges::count_if(frames, [](const json::object& frame) {
      return frame.at("type").as_string() == "accepted";
    });
  };
  // The last word was read only when there was room for another question.
  auto told = eager.until("pong");
  BOOST_TEST(accepted(told) > all - unanswered);
  while (accepted(told) < all) told.push_back(eager.next());
}

BOOST_AUTO_TEST_CASE(a_client_that_pings_without_end_and_reads_nothing_is_closed) {
  server_options options;
  options.limits.outgoing_bytes = 16 * 1024;
  options.timeouts.linger = std::chrono::milliseconds(200);
  fixture f(fake_gateway::answers::when_told, options);
  websocket_test_client rude(*f.running, "conversation=c1", 4096);
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  const std::string payload(120, 'p');
  boost::system::error_code ec;
  // The kernel takes a few megabytes of pongs before anything has to wait.
  for (int i = 0; i < 2'000'000 && !ec; ++i)
    rude.stream().ping({payload.data(), payload.size()}, ec);
  BOOST_TEST(bool(ec));
  BOOST_TEST(f.gate.wait_until_detached("c1"));
}

BOOST_AUTO_TEST_CASE(a_client_that_vanishes_is_detached_and_its_run_goes_on) {
  fixture f(fake_gateway::answers::when_told);
  auto client = std::make_unique<websocket_test_client>(*f.running, "conversation=c1");
  client->send(R"({"type":"say","text":"hi"})");
  auto run = f.gate.wait_for_run(1);
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  client->vanish();
  BOOST_TEST(f.gate.wait_until_detached("c1"));
  f.gate.finish(run, "done");
  http_test_client other(*f.running);
  BOOST_TEST(text_of(body_of(other.get("/v1/runs/" + run)), "reply") == "done");
}

BOOST_AUTO_TEST_CASE(a_silent_client_is_pinged_and_then_closed) {
  server_options options;
  options.timeouts.ping = std::chrono::milliseconds(40);
  fixture f(fake_gateway::answers::at_once, options);
  websocket_test_client client(*f.running, "conversation=c1");
  // It does not read, so it answers no ping.
  BOOST_TEST(f.gate.wait_until_attached("c1"));
  BOOST_TEST(f.gate.wait_until_detached("c1"));
  int pings = 0;
  client.stream().control_callback([&](beast::websocket::frame_type type, beast::string_view) {
    pings += type == beast::websocket::frame_type::ping;
  });
  client.close_code();
  BOOST_TEST(pings == 1);
}

BOOST_AUTO_TEST_CASE(stopping_closes_with_1012_and_detaches) {
  fixture f;
  websocket_test_client client(*f.running, "conversation=c1");
  BOOST_REQUIRE(f.gate.wait_until_attached("c1"));
  std::thread reader([&] { BOOST_TEST(client.close_code() == 1012); });
  f.running->stop();
  reader.join();
  BOOST_TEST(f.gate.attached("c1") == 0u);
}

BOOST_AUTO_TEST_CASE(a_sink_that_outlives_its_server_takes_nothing) {
  server_options options;
  options.timeouts.linger = std::chrono::milliseconds(100);
  fixture f(fake_gateway::answers::when_told, options);
  websocket_test_client client(*f.running, "conversation=c1");
  client.send(R"({"type":"say","text":"hi"})");
  auto run = f.gate.wait_for_run(1);
  raw_client poster(*f.running);
  poster.send("POST /v1/runs HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n\r\n{\"input\":{}}");
  auto job = f.gate.wait_for_run(2);
  client.vanish();
  f.running.reset();
  f.gate.finish(run, "late");
  f.gate.finish(job, "late");
  BOOST_TEST(poster.read_all().find("HTTP/1.1 503") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
