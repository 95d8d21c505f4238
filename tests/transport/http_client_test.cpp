// The HTTP client against real sockets: a small server per test, plain or with a certificate that
// the test makes itself.

#include "transport/http_client.hpp"

#include "support/chat_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_server.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <fstream>
#include <mutex>

using namespace troupe;
using namespace troupe::test;

namespace {

std::shared_ptr<http_streamer> client(const http_client_options& options = {}) {
  auto made = make_http_client(options);
  BOOST_REQUIRE(made);
  return *made;
}

http_request get(std::string url) {
  http_request r;
  r.url = std::move(url);
  return r;
}

time_point soon() { return system_clock().now() + std::chrono::seconds(20); }

}  // namespace

BOOST_AUTO_TEST_SUITE(http_client_over_sockets)

BOOST_AUTO_TEST_CASE(a_request_arrives_as_it_was_meant) {
  auto reply = make_answer(201, "订单 ok");
  reply.set("X-Shop", "lantern");
  tiny_server server({reply});
  http_request request = get(server.url("/orders/%E8%8C%B6?x=1"));
  request.method = "POST";
  request.headers = {{"Idempotency-Key", "k1"}, {"Content-Type", "application/json"}};
  request.body = R"({"n":1})";
  auto response = client()->send(request, {}, soon());
  BOOST_REQUIRE_MESSAGE(response, (response ? "" : response.error().message));
  BOOST_TEST(response->status == 201);
  BOOST_TEST(response->body == "订单 ok");
  BOOST_TEST(response->header("x-shop") == "lantern");
  const auto asked = server.asked().at(0);
  BOOST_TEST(asked.method_string() == "POST");
  BOOST_TEST(asked.target() == "/orders/%E8%8C%B6?x=1");
  BOOST_TEST(asked["idempotency-key"] == "k1");
  BOOST_TEST(asked.body() == R"({"n":1})");
  BOOST_TEST(asked[http::field::host] == server.url("").substr(7));
}

BOOST_AUTO_TEST_CASE(a_busy_servers_wish_is_passed_on) {
  auto busy = make_answer(429, "");
  busy.set(http::field::retry_after, "7");
  tiny_server server({busy, make_answer(200, "now")});
  auto c = client();
  auto first = c->send(get(server.url("/")), {}, soon());
  BOOST_REQUIRE(first);
  BOOST_TEST(first->status == 429);
  BOOST_TEST(first->header("Retry-After") == "7");
  auto second = c->send(get(server.url("/")), {}, soon());
  BOOST_REQUIRE(second);
  BOOST_TEST(second->body == "now");
}

BOOST_AUTO_TEST_CASE(a_head_has_no_body) {
  answer head(http::status::ok, 11);
  head.set(http::field::content_length, "1000");
  tiny_server server({head});
  auto request = get(server.url("/"));
  request.method = "HEAD";
  auto response = client()->send(request, {}, soon());
  BOOST_REQUIRE_MESSAGE(response, (response ? "" : response.error().message));
  BOOST_TEST(response->body == "");
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed) {
  auto moved = make_answer(302, "");
  moved.set(http::field::location, "http://169.254.169.254/");
  tiny_server server({moved});
  auto response = client()->send(get(server.url("/")), {}, soon());
  BOOST_REQUIRE(response);
  BOOST_TEST(response->status == 302);
}

BOOST_AUTO_TEST_CASE(an_answer_above_the_limit_is_refused) {
  tiny_server server(
      {make_answer(200, std::string(1001, 'x')), make_answer(200, std::string(1000, 'x'))});
  auto request = get(server.url("/"));
  request.max_body = 1000;
  auto large = client()->send(request, {}, soon());
  BOOST_REQUIRE(!large);
  BOOST_TEST((large.error().code == errc::failed));
  BOOST_TEST(large.error().message.find("1000 bytes") != std::string::npos);
  BOOST_TEST(client()->send(request, {}, soon()).has_value());
}

BOOST_AUTO_TEST_CASE(silence_ends_at_the_deadline) {
  tiny_server server({});
  auto response = client()->send(get(server.url("/")), {},
                                 system_clock().now() + std::chrono::milliseconds(100));
  BOOST_REQUIRE(!response);
  BOOST_TEST((response.error().code == errc::timeout));
  BOOST_TEST(response.error().message.find("`http://127.0.0.1:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_deadline_that_has_passed_sends_nothing) {
  tiny_server server({make_answer(200, "")});
  auto response =
      client()->send(get(server.url("/")), {}, system_clock().now() - std::chrono::seconds(1));
  BOOST_REQUIRE(!response);
  BOOST_TEST((response.error().code == errc::timeout));
  BOOST_TEST(server.asked().empty());
}

BOOST_AUTO_TEST_CASE(a_cancelled_request_returns_at_once) {
  tiny_server server({});
  std::stop_source stop;
  std::jthread canceller([&] {
    server.wait_for_silence();
    stop.request_stop();
  });
  auto response = client()->send(get(server.url("/")), stop.get_token(), time_point::max());
  BOOST_REQUIRE(!response);
  BOOST_TEST((response.error().code == errc::cancelled));
}

BOOST_AUTO_TEST_CASE(nobody_there_is_unavailable) {
  asio::io_context context;
  tcp::acceptor taken(context, {asio::ip::address_v4::loopback(), 0});
  auto port = taken.local_endpoint().port();
  taken.close();
  auto response = client()->send(get("http://127.0.0.1:" + std::to_string(port) + "/"), {}, soon());
  BOOST_REQUIRE(!response);
  BOOST_TEST((response.error().code == errc::unavailable));
  BOOST_TEST(response.error().message.find("connecting to") == 0u);
}

BOOST_AUTO_TEST_CASE(bad_requests_are_not_sent) {
  auto code = [](http_request r) {
    auto sent = client()->send(r, {}, soon());
    BOOST_REQUIRE(!sent);
    return sent.error().code;
  };
  for (auto url : {"", "/x", "ftp://localhost/", "http://", "http://local host/", "http:///x"})
    BOOST_TEST((code(get(url)) == errc::invalid_request), url);
  auto split = get("http://127.0.0.1:1/");
  split.headers = {{"X-A", "1\r\nX-B: 2"}};
  BOOST_TEST((code(split) == errc::invalid_request));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_nobody_vouches_for_is_refused) {
  self_signed identity;
  tiny_server server({make_answer(200, "secret")}, &identity);
  auto response = client()->send(get(server.url("/", "localhost")), {}, soon());
  BOOST_REQUIRE(!response);
  BOOST_TEST((response.error().code == errc::unavailable));
  BOOST_TEST(response.error().message.find("verify") != std::string::npos);
  BOOST_TEST(server.asked().empty());
}

BOOST_AUTO_TEST_CASE(a_trusted_certificate_counts_for_its_own_name_only) {
  self_signed identity;
  temporary_folder folder;
  std::ofstream(folder.path() / "ca.pem") << identity.certificate;
  auto c = client({.trust = folder.path() / "ca.pem"});
  tiny_server server({make_answer(200, "secret")}, &identity);
  auto other_name = c->send(get(server.url("/", "127.0.0.1")), {}, soon());
  BOOST_REQUIRE(!other_name);
  BOOST_TEST((other_name.error().code == errc::unavailable));
  auto right = c->send(get(server.url("/", "localhost")), {}, soon());
  BOOST_REQUIRE_MESSAGE(right, (right ? "" : right.error().message));
  BOOST_TEST(right->body == "secret");
}

BOOST_AUTO_TEST_CASE(a_body_is_given_piece_by_piece_as_it_arrives) {
  std::string got;
  std::mutex mutex;
  std::condition_variable changed;
  // The second piece is sent when the first one has been seen.
  chat_server server({[&](server_line& line, const api_request&) {
    line.write("HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("一"));
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return got == "一"; });
    lock.unlock();
    line.write(chunk("二") + std::string(last_chunk));
  }});
  auto response = client()->stream(
      get(server.url("/")), {},
      [&](const http_response& head, std::string_view piece) {
        BOOST_TEST(head.status == 200);
        BOOST_TEST(head.header("x-a") == "b");
        std::lock_guard lock(mutex);
        got += piece;
        changed.notify_all();
        return http_body::more;
      },
      {}, soon());
  BOOST_REQUIRE_MESSAGE(response, (response ? "" : response.error().message));
  BOOST_TEST(got == "一二");
  BOOST_TEST(response->body == "");
  BOOST_TEST(response->header("X-A") == "b");
}

BOOST_AUTO_TEST_CASE(a_refusal_is_not_streamed) {
  chat_server server({refuses(503)});
  auto response = client()->stream(
      get(server.url("/")), {},
      [](const http_response&, std::string_view) -> http_body { throw std::logic_error("never"); },
      {}, soon());
  BOOST_REQUIRE(response);
  BOOST_TEST(response->status == 503);
  BOOST_TEST(response->body == R"({"error":{"message":"no"}})");
}

BOOST_AUTO_TEST_CASE(what_a_reader_throws_comes_out_and_the_client_lives_on) {
  chat_server server({says({"x"})});
  auto c = client();
  auto throws = [](const http_response&, std::string_view) -> http_body {
    throw std::runtime_error("full");
  };
  BOOST_CHECK_THROW((void)c->stream(get(server.url("/")), {}, throws, {}, soon()),
                    std::runtime_error);
  BOOST_TEST(c->send(get(server.url("/")), {}, soon()).has_value());
}

BOOST_AUTO_TEST_CASE(streams_keep_their_connection_and_others_do_not) {
  chat_server server({refuses(404)});
  auto c = client();
  auto request = get(server.url("/"));
  auto any = [](const http_response&, std::string_view) { return http_body::more; };
  for (int i = 0; i < 2; ++i) BOOST_TEST(c->send(request, {}, soon()).has_value());
  BOOST_TEST(server.connections() == 2u);
  BOOST_TEST(server.asked().back()[http::field::connection] == "close");
  for (int i = 0; i < 5; ++i) BOOST_TEST(c->stream(request, {}, any, {}, soon()).has_value());
  BOOST_TEST(server.connections() == 3u);
}

BOOST_AUTO_TEST_CASE(a_connection_is_not_kept_after_half_an_answer) {
  chat_server server({falls_silent_after(std::string(stream_head) + chunk("x")), says({"x"})});
  auto c = client();
  auto enough = [](const http_response&, std::string_view) { return http_body::stop; };
  BOOST_TEST(c->stream(get(server.url("/")), {}, enough, {}, soon()).has_value());
  server.wait_for_hang_ups(1);
  BOOST_TEST(c->stream(get(server.url("/")), {}, enough, {}, soon()).has_value());
  BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(each_part_of_an_exchange_has_its_own_time) {
  auto said = [](const behaviour& b, http_timeouts timeouts) {
    chat_server server({b});
    auto any = [](const http_response&, std::string_view) { return http_body::more; };
    auto response = client()->stream(get(server.url("/")), timeouts, any, {}, time_point::max());
    return response ? std::string("answered") : response.error().message.substr(0, 8);
  };
  using std::chrono::milliseconds;
  BOOST_TEST(said(falls_silent_after(""), {.first_byte = milliseconds(50)}) == "waiting ");
  BOOST_TEST(said(falls_silent_after(std::string(stream_head)), {.idle = milliseconds(50)}) ==
             "reading ");
  BOOST_TEST(said(refuses(404), {.connect = std::chrono::seconds(20),
                                 .first_byte = std::chrono::seconds(20),
                                 .idle = std::chrono::seconds(20)}) == "answered");
}

BOOST_AUTO_TEST_CASE(tls_can_be_required_to_be_new) {
  self_signed identity;
  temporary_folder folder;
  std::ofstream(folder.path() / "ca.pem") << identity.certificate;
  chat_server old({refuses(404)}, &identity, TLS1_2_VERSION);
  BOOST_TEST(client({.trust = folder.path() / "ca.pem"})
                 ->send(get(old.url("/", "localhost")), {}, soon())
                 .has_value());
  auto refused = client({.trust = folder.path() / "ca.pem", .least_tls = tls_version::v1_3})
                     ->send(get(old.url("/", "localhost")), {}, soon());
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(trusted_certificates_must_exist) {
  auto made = make_http_client({.trust = "/nonexistent/ca.pem"});
  BOOST_REQUIRE(!made);
  BOOST_TEST(made.error().message.find("`/nonexistent/ca.pem`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
