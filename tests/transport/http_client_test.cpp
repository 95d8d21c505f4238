// The HTTP client against real sockets: a small server per test, plain or with a certificate that
// the test makes itself.

#include "transport/http_client.hpp"

#include "support/temporary_folder.hpp"
#include "support/tiny_server.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
using namespace troupe::test;

namespace {

std::shared_ptr<http_client> client(const http_client_options& options = {}) {
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

BOOST_AUTO_TEST_CASE(trusted_certificates_must_exist) {
  auto made = make_http_client({.trust = "/nonexistent/ca.pem"});
  BOOST_REQUIRE(!made);
  BOOST_TEST(made.error().message.find("`/nonexistent/ca.pem`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
