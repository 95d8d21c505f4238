// The remote engine over real sockets, against an API that misbehaves in every way.

#include "model/remote_engine.hpp"
#include "support/chat_server.hpp"
#include "support/temporary_folder.hpp"
#include "transport/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

struct with_remote_over_sockets {
  remote_options options;
  generation_request request;
  std::function<void()> rewind;
  std::string seen;
  std::shared_ptr<resilient_engine> api;

  with_remote_over_sockets() {
    options.name = "api";
    options.model = "m";
    options.retry = {.attempts = 3, .backoff_min = 1ms, .backoff_max = 5ms};
    request.messages = {{chat_message::role_type::user, "退款要多久？ How long?"}};
    request.deadline = system_clock().now() + 60s;
  }
  void rewinds() {
    rewind = [this] { seen += "<"; };
  }
  void open(const chat_server& server, std::string_view host = "127.0.0.1") {
    options.url = server.url("/v1", host);
    auto client = make_http_client(options.client);
    BOOST_REQUIRE_MESSAGE(client, (client ? "" : client.error().message));
    api = make_remote_engine(options, *client);
  }
  result<generation> ask() {
    auto answered = api->answer({.request = request,
                                 .on_text = [this](std::string_view piece) { seen += piece; },
                                 .rewind = rewind});
    if (!answered) return std::move(answered).error();
    return std::move(answered->made);
  }
  result<generation> ask(const chat_server& server) {
    open(server);
    return ask();
  }
  std::string text(const chat_server& server) {
    auto made = ask(server);
    return made ? made->text : "error: " + made.error().message;
  }
  /// Trusts `identity` as a private CA.
  void trust(const self_signed& identity) {
    std::ofstream(folder.path() / "ca.pem") << identity.certificate;
    options.client.trust = folder.path() / "ca.pem";
  }
  temporary_folder folder;
};

std::string half_a_character() {
  auto event = chat_event("退款");
  return std::string(stream_head) + chunk(chat_event("退")) + "40\r\n" +
         event.substr(0, event.find("款") + 1);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_remote_engine_over_sockets, with_remote_over_sockets)

BOOST_AUTO_TEST_CASE(streams_an_answer_in_two_languages) {
  chat_server server({says({"五", "天。", "Five", " days."})});
  auto made = ask(server);
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  BOOST_TEST(made->text == "五天。Five days.");
  BOOST_TEST(seen == made->text);
  BOOST_TEST(made->prompt_tokens == 11);
  BOOST_TEST(made->output_tokens == 3);
  BOOST_TEST(server.asked().at(0).target() == "/v1/chat/completions");
}

BOOST_AUTO_TEST_CASE(asks_again_and_again_on_one_connection) {
  chat_server server({says({"ok"})});
  open(server);
  for (int i = 0; i < 5; ++i) BOOST_TEST(ask().has_value());
  BOOST_TEST(server.asked().size() == 5u);
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(does_not_mind_a_kept_connection_that_is_closed) {
  chat_server server({[](server_line& line, const api_request& r) {
                        says({"one"})(line, r);
                        line.hang_up();
                      },
                      says({"two"})});
  open(server);
  BOOST_TEST(ask()->text == "one");
  BOOST_TEST(ask()->text == "two");
  BOOST_TEST(api->figures().retries == 0u);
}

BOOST_AUTO_TEST_CASE(does_not_mind_a_kept_connection_that_is_closed_on_its_request) {
  chat_server server({says({"one"}), breaks_off_after(""), says({"two"})});
  open(server);
  BOOST_TEST(ask()->text == "one");
  BOOST_TEST(ask()->text == "two");
  BOOST_TEST(server.connections() == 2u);
  BOOST_TEST(api->figures().retries == 0u);
}

BOOST_AUTO_TEST_CASE(asks_again_when_the_answer_breaks_off_before_its_first_text) {
  chat_server server({breaks_off_after(""), breaks_off_after("HTTP/1.1 200 OK\r\nContent-"),
                      breaks_off_after(std::string(stream_head) + chunk(": wait\n\n")),
                      says({"好"})});
  options.retry.attempts = 4;
  BOOST_TEST(text(server) == "好");
  BOOST_TEST(seen == "好");
}

BOOST_AUTO_TEST_CASE(has_failed_when_the_answer_breaks_off_in_the_middle) {
  for (const auto& bytes :
       {std::string(stream_head) + chunk(chat_event("退")),
        std::string(stream_head) + chunk(chat_event("退")) + "20\r\ndata: {\"choi",
        std::string(stream_head) + chunk(chat_event("退")) + last_chunk.data(),
        half_a_character()}) {
    seen.clear();
    chat_server server({breaks_off_after(bytes)});
    auto made = ask(server);
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().code == errc::unavailable));
    BOOST_TEST(seen == "退");
    BOOST_TEST(server.asked().size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(begins_anew_in_the_middle_when_it_may) {
  rewinds();
  chat_server server({breaks_off_after(half_a_character()),
                      breaks_off_after(std::string(stream_head) + chunk(chat_event("Fi"))),
                      says({"五", "天"})});
  BOOST_TEST(text(server) == "五天");
  BOOST_TEST(seen == "退<Fi<五天");
}

BOOST_AUTO_TEST_CASE(reads_an_answer_that_comes_byte_by_byte) {
  chat_server server({[](server_line& line, const api_request&) {
    std::string all = std::string(stream_head);
    for (const char* t : {"五", "天", " 😀 ok"}) all += chunk(chat_event(t));
    all += chunk(chat_end) + last_chunk.data();
    for (const char c : all) line.write({&c, 1});
  }});
  BOOST_TEST(text(server) == "五天 😀 ok");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_answer) {
  const std::string long_line = "data: " + std::string(2 << 20, 'x');
  for (const auto& bytes :
       {whole_answer(200, "text/html", "<html>login</html>"),
        whole_answer(200, "application/json", "{\"choices\":"),
        whole_answer(200, "application/json", "[]"), whole_answer(302, "text/html", ""),
        std::string(stream_head) + chunk("data: {\"choices\":[{]}\n\n") + last_chunk.data(),
        std::string(stream_head) + chunk("data: \xff\xfe\n\n") + last_chunk.data(),
        std::string(stream_head) + chunk(long_line), std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nX-A: " + std::string(100'000, 'a') + "\r\n\r\n",
        std::string(stream_head) + "zz\r\n", std::string("\0\1\2\3\n\n", 6)}) {
    chat_server server({breaks_off_after(bytes)});
    auto made = ask(server);
    BOOST_REQUIRE_MESSAGE(!made, bytes.substr(0, 100));
    BOOST_TEST((made.error().code == errc::unavailable), made.error().message);
    BOOST_TEST(made.error().message.find("model `api`") == 0u);
  }
  BOOST_TEST(seen == "");
}

BOOST_AUTO_TEST_CASE(takes_an_answer_that_does_not_stream) {
  chat_server server({[](server_line& line, const api_request&) {
    line.write(whole_answer(200, "application/json",
                            R"({"choices":[{"message":{"content":"五天"},"finish_reason":"stop"}],)"
                            R"("usage":{"prompt_tokens":4,"completion_tokens":2}})"));
  }});
  auto made = ask(server);
  BOOST_TEST(made->text == "五天");
  BOOST_TEST(made->output_tokens == 2);
}

BOOST_AUTO_TEST_CASE(estimates_tokens_that_are_not_counted) {
  chat_server server({[](server_line& line, const api_request&) {
    line.write(stream_head);
    line.write(chunk(chat_event("五天五天五") + "data: [DONE]\n\n"));
    line.write(last_chunk);
  }});
  BOOST_TEST(ask(server)->output_tokens == 3);
}

BOOST_AUTO_TEST_CASE(sits_out_a_storm_of_429) {
  options.retry.attempts = 10;
  std::deque<behaviour> script(9, refuses(429, "retry-after-ms: 3\r\n"));
  script.push_back(says({"ok"}));
  chat_server server(script);
  BOOST_TEST(text(server) == "ok");
  BOOST_TEST(api->figures().retries == 9u);
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(tells_how_long_a_storm_will_last) {
  chat_server server({refuses(429, "Retry-After: 30\r\n")});
  auto made = ask(server);
  BOOST_TEST((made.error().code == errc::rate_limited));
  BOOST_TEST((made.error().retry_after == 30s));
  BOOST_TEST(server.asked().size() == 1u);
}

BOOST_AUTO_TEST_CASE(asks_again_after_500) {
  chat_server server({refuses(500), refuses(502), says({"ok"})});
  BOOST_TEST(text(server) == "ok");
  chat_server down({refuses(503)});
  BOOST_TEST(!ask(down).has_value());
  BOOST_TEST(down.asked().size() == 3u);
}

BOOST_AUTO_TEST_CASE(is_unavailable_where_nobody_listens) {
  std::uint16_t port = 0;
  {
    chat_server gone({says({"x"})});
    port = gone.port();
    open(gone);
  }
  auto made = ask();
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == errc::unavailable));
  BOOST_TEST(made.error().message.find(std::to_string(port)) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(gives_up_on_silence) {
  options.retry.attempts = 1;
  options.first_token = options.idle = 50ms;
  for (const auto& bytes : {std::string(), std::string("HTTP/1.1 200 OK\r\n"),
                            std::string(stream_head), std::string(stream_head) + chunk(": wait\n"),
                            std::string(stream_head) + chunk(chat_event("退"))}) {
    chat_server server({falls_silent_after(bytes)});
    auto made = ask(server);
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().code == errc::timeout), made.error().message);
    server.wait_for_hang_ups(1);
  }
}

BOOST_AUTO_TEST_CASE(gives_up_on_comments_without_an_end) {
  options.retry.attempts = 1;
  options.first_token = 50ms;
  chat_server server({[](server_line& line, const api_request&) {
    line.write(stream_head);
    while (true) line.write(chunk(": keep-alive\n\n"));
  }});
  BOOST_TEST((ask(server).error().code == errc::timeout));
}

BOOST_AUTO_TEST_CASE(hangs_up_as_soon_as_nobody_waits) {
  chat_server server({falls_silent_after(std::string(stream_head) + chunk(chat_event("退")))});
  open(server);
  std::stop_source stop;
  request.cancel = stop.get_token();
  request.deadline = time_point::max();
  auto made = api->generate(request, [&](std::string_view piece) {
    seen += piece;
    stop.request_stop();
  });
  BOOST_REQUIRE(made);
  BOOST_TEST((made->reason == finish_reason::cancelled));
  BOOST_TEST(made->text == "退");
  server.wait_for_hang_ups(1);
}

BOOST_AUTO_TEST_CASE(hangs_up_when_it_is_cancelled_before_the_first_byte) {
  chat_server server({falls_silent_after("")});
  open(server);
  std::stop_source stop;
  request.cancel = stop.get_token();
  std::jthread canceller([&] {
    server.wait_for_requests(1);
    stop.request_stop();
  });
  BOOST_TEST((ask()->reason == finish_reason::cancelled));
  server.wait_for_hang_ups(1);
}

BOOST_AUTO_TEST_CASE(hangs_up_at_the_deadline) {
  chat_server server({falls_silent_after(std::string(stream_head) + chunk(chat_event("退")))});
  open(server);
  request.deadline = system_clock().now() + 300ms;
  auto made = ask();
  BOOST_REQUIRE(made);
  BOOST_TEST((made->reason == finish_reason::deadline));
  server.wait_for_hang_ups(1);
}

BOOST_AUTO_TEST_CASE(hangs_up_at_a_stop_string) {
  request.stop = {"。"};
  chat_server server(
      {falls_silent_after(std::string(stream_head) + chunk(chat_event("五天。六")))});
  BOOST_TEST(text(server) == "五天");
  server.wait_for_hang_ups(1);
}

BOOST_AUTO_TEST_CASE(leaves_an_answer_that_is_over_but_does_not_end) {
  chat_server server({[](server_line& line, const api_request&) {
                        line.write(std::string(stream_head) + chunk(chat_event("好")) +
                                   chunk(chat_end));
                        line.wait_until_the_client_hangs_up();
                      },
                      says({"two"})});
  open(server);
  BOOST_TEST(ask()->text == "好");
  BOOST_TEST(ask()->text == "two");
  BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(serves_many_callers_at_once) {
  chat_server server({says({"五", "天"})});
  open(server);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i)
      callers.emplace_back([&] {
        for (int n = 0; n < 20; ++n) {
          auto made = api->generate(request, [](std::string_view) {});
          right += made && made->text == "五天";
        }
      });
  }
  BOOST_TEST(right == 160);
  BOOST_TEST(server.connections() <= 8u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_remote_engine_over_tls, with_remote_over_sockets)

BOOST_AUTO_TEST_CASE(trusts_a_private_ca_and_keeps_its_connection) {
  self_signed identity;
  chat_server server({says({"安全"})}, &identity);
  trust(identity);
  options.api_key = "sk-1";
  open(server, "localhost");
  for (int i = 0; i < 3; ++i) BOOST_TEST(ask()->text == "安全");
  BOOST_TEST(server.connections() == 1u);
  BOOST_TEST(server.asked().at(0)["Authorization"] == "Bearer sk-1");
}

BOOST_AUTO_TEST_CASE(sends_nothing_to_whom_it_cannot_trust) {
  self_signed good, expired("localhost", -60), other("example.com");
  struct row {
    const self_signed& shown;
    const self_signed* trusted;
    std::string why;
  };
  for (const auto& [shown, trusted, why] :
       {row{good, nullptr, "self-signed certificate"}, row{expired, &expired, "expired"},
        row{other, &other, "not for `localhost`"}, row{good, &other, "self-signed"}}) {
    chat_server server({says({"secret"})}, &shown);
    options.client.trust.clear();
    if (trusted) trust(*trusted);
    open(server, "localhost");
    auto made = ask();
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().code == errc::unavailable));
    BOOST_TEST(made.error().message.find(why) != std::string::npos, made.error().message);
    BOOST_TEST(server.asked().empty());
  }
}

BOOST_AUTO_TEST_CASE(speaks_tls_1_3_unless_less_is_allowed) {
  self_signed identity;
  chat_server old({says({"ok"})}, &identity, TLS1_2_VERSION);
  trust(identity);
  options.client.least_tls = tls_version::v1_3;
  open(old, "localhost");
  BOOST_TEST((ask().error().code == errc::unavailable));
  options.client.least_tls = tls_version::v1_2;
  open(old, "localhost");
  BOOST_TEST(ask()->text == "ok");
}

BOOST_AUTO_TEST_CASE(is_unavailable_where_tls_breaks_off) {
  chat_server plain({says({"x"})});
  open(plain, "localhost");
  options.url.replace(0, 4, "https");
  api = make_remote_engine(options, *make_http_client({}));
  BOOST_TEST((ask().error().code == errc::unavailable));
  self_signed identity;
  chat_server cut({breaks_off_after(std::string(stream_head) + chunk(chat_event("退")))},
                  &identity);
  trust(identity);
  open(cut, "localhost");
  BOOST_TEST((ask().error().code == errc::unavailable));
  BOOST_TEST(seen == "退");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_remote_engine_with_access_tokens, with_remote_over_sockets)

namespace {

behaviour grants(std::string token, int seconds) {
  return [=](server_line& line, const api_request&) {
    line.write(whole_answer(
        200, "application/json",
        R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(seconds) + "}"));
  };
}

/// Answers who has the right token.
behaviour wants(std::string token) {
  return [=](server_line& line, const api_request& r) {
    if (r["Authorization"] == "Bearer " + token)
      says({token})(line, r);
    else
      refuses(401)(line, r);
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE(fetches_one_keeps_it_and_renews_it_when_it_is_refused) {
  chat_server login({grants("t1", 3600), grants("t2", 3600)});
  chat_server server({wants("t1"), wants("t1"), wants("t2"), wants("t2"), wants("t2")});
  options.oauth = {login.url("/token"), "id", "secret", "chat"};
  open(server);
  BOOST_TEST(ask()->text == "t1");
  BOOST_TEST(ask()->text == "t1");
  BOOST_TEST(login.asked().size() == 1u);
  BOOST_TEST(ask()->text == "t2");
  BOOST_TEST(login.asked().size() == 2u);
  BOOST_TEST(login.asked().at(0).body() == "grant_type=client_credentials&scope=chat");
}

BOOST_AUTO_TEST_CASE(fails_when_the_new_one_is_refused_too) {
  chat_server login({grants("t1", 3600)});
  chat_server server({refuses(401)});
  options.oauth = {login.url("/token"), "id", "secret", ""};
  auto made = ask(server);
  BOOST_TEST((made.error().code == errc::unauthorized));
  BOOST_TEST(server.asked().size() == 2u);
}

BOOST_AUTO_TEST_CASE(asks_nothing_while_there_is_none) {
  chat_server server({says({"x"})});
  for (const auto& answer : {refuses(401), refuses(503), breaks_off_after("")}) {
    chat_server login({answer});
    options.oauth = {login.url("/token"), "id", "secret", ""};
    auto made = ask(server);
    BOOST_REQUIRE(!made);
    BOOST_TEST(made.error().message.find("access token") != std::string::npos);
  }
  BOOST_TEST(server.asked().empty());
}

BOOST_AUTO_TEST_SUITE_END()
