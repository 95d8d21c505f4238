#include "model/access_token.hpp"

#include "pipeline/skipping_clock.hpp"
#include "support/fake_models.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

http_response grant(const std::string& token, const std::string& more = R"(,"expires_in":600)") {
  return {200, {}, R"({"access_token":")" + token + R"(","token_type":"Bearer")" + more + "}"};
}

struct with_token_server {
  skipping_clock time;
  std::unique_ptr<test::fake_http_client> http;
  std::unique_ptr<access_token> tokens;

  void script(std::deque<result<http_response>> answers) {
    http = std::make_unique<test::fake_http_client>(std::move(answers));
    tokens = std::make_unique<access_token>(
        oauth_options{"https://login.example.com/token", "id:1", "geheim/密", "chat read"}, *http,
        time);
  }
  result<std::string> get() { return tokens->get({}, time_point::max()); }
  std::size_t asked() const { return http->requests().size(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(an_access_token, with_token_server)

BOOST_AUTO_TEST_CASE(is_asked_for_as_the_standard_says) {
  script({grant("t1")});
  BOOST_TEST(*get() == "t1");
  const auto request = http->requests().at(0);
  BOOST_TEST(request.method == "POST");
  BOOST_TEST(request.url == "https://login.example.com/token");
  BOOST_TEST(request.body == "grant_type=client_credentials&scope=chat%20read");
  http_response headers{0, request.headers, {}};
  BOOST_TEST(headers.header("Content-Type") == "application/x-www-form-urlencoded");
  // id%3A1:geheim%2F%E5%AF%86
  BOOST_TEST(headers.header("Authorization") == "Basic aWQlM0ExOmdlaGVpbSUyRiVFNSVBRiU4Ng==");
}

BOOST_AUTO_TEST_CASE(is_kept_until_shortly_before_it_ends) {
  script({grant("t1"), grant("t2")});
  BOOST_TEST(*get() == "t1");
  time.skip(560s);
  BOOST_TEST(*get() == "t1");
  BOOST_TEST(asked() == 1u);
  time.skip(20s);
  BOOST_TEST(*get() == "t2");
}

BOOST_AUTO_TEST_CASE(whose_end_is_not_told_lives_for_minutes) {
  script({grant("t1", ""), grant("t2", R"(,"expires_in":"soon")")});
  BOOST_TEST(*get() == "t1");
  time.skip(200s);
  BOOST_TEST(*get() == "t1");
  time.skip(100s);
  BOOST_TEST(*get() == "t2");
}

BOOST_AUTO_TEST_CASE(that_was_refused_is_not_given_again) {
  script({grant("t1"), grant("t2")});
  BOOST_TEST(*get() == "t1");
  tokens->refused("another");
  BOOST_TEST(*get() == "t1");
  tokens->refused("t1");
  BOOST_TEST(*get() == "t2");
}

BOOST_AUTO_TEST_CASE(serves_to_its_last_second_while_there_is_no_new_one) {
  script({grant("t1"), error{errc::unavailable, "down"}});
  BOOST_TEST(*get() == "t1");
  time.skip(590s);
  BOOST_TEST(*get() == "t1");
  BOOST_TEST(asked() == 2u);
  time.skip(10s);
  auto none = get();
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code == errc::unavailable));
  BOOST_TEST(none.error().message.find("`oauth.token_url`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(that_is_not_given_says_why) {
  auto code = [&](result<http_response> answer) {
    script({std::move(answer)});
    return get().error().code;
  };
  BOOST_TEST((code(http_response{400, {}, R"({"error":"invalid_client"})"}) == errc::unauthorized));
  BOOST_TEST((code(http_response{401, {}, ""}) == errc::unauthorized));
  BOOST_TEST((code(http_response{503, {}, ""}) == errc::unavailable));
  BOOST_TEST((code(http_response{200, {}, "<html>"}) == errc::unavailable));
  BOOST_TEST((code(http_response{200, {}, R"({"access_token":""})"}) == errc::unavailable));
  BOOST_TEST((code(error{errc::timeout, "slow"}) == errc::timeout));
}

BOOST_AUTO_TEST_SUITE_END()
