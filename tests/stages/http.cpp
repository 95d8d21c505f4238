#include "support/fake_models.hpp"
#include "support/stage_harness.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <set>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

using script = std::deque<result<http_response>>;

struct server {
  std::shared_ptr<test::fake_http_client> client;
  stage_services services;
  explicit server(script answers)
      : client(std::make_shared<test::fake_http_client>(std::move(answers))) {
    services.http = client;
  }
  /// With waits short enough for a test.
  stage_harness stage(value::table with) const {
    with.emplace_back("backoff", "1ms");
    return stage_harness("http", std::move(with), services);
  }
};

std::string header(const http_request& request, std::string_view name) {
  for (const auto& [key, text] : request.headers)
    if (same_header_name(key, name)) return text;
  return "<none>";
}

http_response ok(std::string body) { return {200, {}, std::move(body)}; }

std::string open_error(value::table with) {
  auto opened = server({ok("")}).stage(std::move(with)).open();
  return opened ? "none" : opened.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_stage)

BOOST_AUTO_TEST_CASE(slots_go_into_url_headers_and_json) {
  server s({ok(R"({"left": 3})")});
  auto stage = s.stage(
      {{"method", "POST"},
       {"url", "https://api.test/items/{sku}?q={q}"},
       {"headers", value::table{{"X-Shop", "shop {shop}"}}},
       {"json",
        value::table{{"n", "{n}"}, {"note", "for {q}"}, {"tags", value::list{"{sku}", true}}}}});
  auto out = stage.run({{"sku", "a/b c"}, {"q", "茶&x=1"}, {"shop", 7}, {"n", 2}});
  BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  BOOST_TEST(text_at(*out, "status") == "200");
  BOOST_TEST(text_at(*out->find("body"), "left") == "3");
  auto request = s.client->requests().at(0);
  BOOST_TEST(request.method == "POST");
  BOOST_TEST(request.url == "https://api.test/items/a%2Fb%20c?q=%E8%8C%B6%26x%3D1");
  BOOST_TEST(header(request, "x-shop") == "shop 7");
  BOOST_TEST(header(request, "content-type") == "application/json");
  BOOST_TEST(request.body == R"({"n":2,"note":"for 茶&x=1","tags":["a/b c",true]})");
  BOOST_TEST(stage.ports.in.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_slot_cannot_choose_the_server) {
  for (auto url : {"{base}/x", "https://{host}/x", "https://api.test{path}", "https://",
                   "ftp://a/b", "file:///etc/passwd", "api.test/x", "https://user:pw@api.test/"})
    BOOST_TEST(open_error({{"url", url}}) != "none", url);
  BOOST_TEST(open_error({{"url", "https://api.test"}}) == "none");
  BOOST_TEST(open_error({{"url", "http://127.0.0.1:8080/{x}"}}) == "none");
}

BOOST_AUTO_TEST_CASE(a_slot_cannot_step_out_of_its_place) {
  server s({ok("")});
  auto up = s.stage({{"url", "https://api.test/users/{id}/orders"}}).run({{"id", ".."}});
  BOOST_REQUIRE(!up);
  BOOST_TEST(up.error().message.find("`id`") == 0u);
  auto split = s.stage({{"url", "https://api.test/"}, {"headers", value::table{{"X-A", "{a}"}}}})
                   .run({{"a", "x\r\nEvil: 1"}});
  BOOST_REQUIRE(!split);
  BOOST_TEST(s.client->requests().empty());
}

BOOST_AUTO_TEST_CASE(every_kind_of_body_is_a_table) {
  auto body = [](const char* text) {
    return server({ok(text)}).stage({{"url", "http://a.test/"}}).run({})->find("body")->to_text();
  };
  BOOST_TEST(body(R"({"城市":"杭州"})") == R"({"城市":"杭州"})");
  BOOST_TEST(body("[1,2]") == R"({"value":[1,2]})");
  BOOST_TEST(body("plain 文字") == R"({"text":"plain 文字"})");
  BOOST_TEST(body("") == "{}");
}

BOOST_AUTO_TEST_CASE(other_statuses_are_answers) {
  for (int status : {200, 204, 301, 400, 404, 500, 502}) {
    server s({http_response{status, {}, ""}});
    auto out = s.stage({{"url", "http://a.test/"}}).run({});
    BOOST_TEST(text_at(*out, "status") == std::to_string(status));
    BOOST_TEST(s.client->requests().size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(busy_servers_are_asked_again_with_the_same_key) {
  server s({http_response{429, {}, ""}, http_response{503, {}, ""},
            error{errc::unavailable, "refused"}, ok("{}")});
  auto out = s.stage({{"url", "http://a.test/"}}).run({});
  BOOST_REQUIRE(out);
  auto requests = s.client->requests();
  BOOST_REQUIRE(requests.size() == 4u);
  std::set<std::string> keys;
  for (const auto& r : requests) keys.insert(header(r, "Idempotency-Key"));
  BOOST_TEST(keys.size() == 1u);
  BOOST_TEST(*keys.begin() == "run-1/http/0/1");
}

BOOST_AUTO_TEST_CASE(in_the_end_it_gives_up_with_the_servers_reason) {
  server busy({http_response{429, {{"retry-after", "0"}}, ""}});
  auto out = busy.stage({{"url", "http://a.test/x"}, {"retries", 2}}).run({});
  BOOST_REQUIRE(!out);
  BOOST_TEST((out.error().code == errc::rate_limited));
  BOOST_TEST(out.error().message.find("`http://a.test`") == 0u);
  BOOST_TEST(busy.client->requests().size() == 3u);

  server down({error{errc::unavailable, "refused"}});
  auto refused = down.stage({{"url", "http://a.test/x"}, {"retries", 1}}).run({});
  BOOST_TEST((refused.error().code == errc::unavailable));
  BOOST_TEST(down.client->requests().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_wait_beyond_the_deadline_is_not_begun) {
  server s({http_response{503, {{"Retry-After", "3600"}}, ""}, ok("")});
  auto stage = s.stage({{"url", "http://a.test/"}});
  stage.info.deadline = system_clock().now() + std::chrono::minutes(1);
  auto out = stage.run({});
  BOOST_REQUIRE(!out);
  BOOST_TEST((out.error().code == errc::unavailable));
  BOOST_REQUIRE(out.error().retry_after.has_value());
  BOOST_TEST(out.error().retry_after->count() == 3'600'000);
  BOOST_TEST(s.client->requests().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_run_does_not_wait) {
  server s({http_response{503, {{"Retry-After", "3600"}}, ""}, ok("")});
  auto stage = s.stage({{"url", "http://a.test/"}});
  stage.stop.request_stop();
  auto out = stage.run({});
  BOOST_TEST((out.error().code == errc::cancelled));
}

BOOST_AUTO_TEST_CASE(errors_that_will_not_pass_are_not_repeated) {
  for (auto code : {errc::failed, errc::timeout, errc::invalid_request, errc::cancelled}) {
    server s({error{code, "no"}});
    auto out = s.stage({{"url", "http://a.test/"}}).run({});
    BOOST_TEST((out.error().code == code));
    BOOST_TEST(s.client->requests().size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(the_bearer_token_comes_from_the_environment) {
  ::setenv("TROUPE_TEST_KEY", "s3cret", 1);
  server s({ok("")});
  BOOST_REQUIRE(s.stage({{"url", "http://a.test/"}, {"api_key_env", "TROUPE_TEST_KEY"}}).run({}));
  BOOST_TEST(header(s.client->requests().at(0), "Authorization") == "Bearer s3cret");
  BOOST_TEST(open_error({{"url", "http://a.test/"}, {"api_key_env", "TROUPE_UNSET"}})
                 .find("`TROUPE_UNSET`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_graph_can_set_a_header_itself) {
  server s({ok("")});
  BOOST_REQUIRE(
      s.stage({{"url", "http://a.test/"}, {"headers", value::table{{"idempotency-key", "mine"}}}})
          .run({}));
  auto request = s.client->requests().at(0);
  BOOST_TEST(header(request, "Idempotency-Key") == "mine");
}

BOOST_AUTO_TEST_SUITE_END()
