#include "model/remote_failure.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

const time_point now = std::chrono::sys_days(std::chrono::year(2026) / 10 / 21) + 7h;

remote_failure answered(int status, std::string body = "", http_headers headers = {}) {
  return failure_of(http_response{status, std::move(headers), std::move(body)}, now);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refusals_of_an_api)

BOOST_AUTO_TEST_CASE(say_whether_asking_again_may_help) {
  struct row {
    int status;
    errc code;
    ask_again again;
  };
  for (const auto& [status, code, again] :
       {row{400, errc::invalid_request, ask_again::never},
        row{401, errc::unauthorized, ask_again::with_new_token},
        row{402, errc::unavailable, ask_again::never}, row{403, errc::forbidden, ask_again::never},
        row{404, errc::not_found, ask_again::never}, row{408, errc::timeout, ask_again::later},
        row{422, errc::invalid_request, ask_again::never},
        row{429, errc::rate_limited, ask_again::later},
        row{500, errc::unavailable, ask_again::later},
        row{501, errc::unavailable, ask_again::never},
        row{502, errc::unavailable, ask_again::later},
        row{503, errc::unavailable, ask_again::later},
        row{504, errc::unavailable, ask_again::later}, row{529, errc::overloaded, ask_again::later},
        row{599, errc::unavailable, ask_again::later},
        row{302, errc::unavailable, ask_again::never}}) {
    const auto failed = answered(status);
    BOOST_TEST((failed.what.code == code), status);
    BOOST_TEST((failed.again == again), status);
  }
}

BOOST_AUTO_TEST_CASE(are_told_in_the_apis_own_words) {
  BOOST_TEST(answered(400, R"({"error":{"message":"model `x` 不存在"}})").what.message ==
             "the API answered 400: model `x` 不存在");
  BOOST_TEST(answered(401, R"({"error":"invalid_client","error_description":"no"})").what.message ==
             "the API answered 401: invalid_client: no");
  BOOST_TEST(answered(500, "<html>").what.message == "the API answered 500");
  std::string chinese;
  for (int i = 0; i < 300; ++i) chinese += "错";
  const auto cut = answered(500, R"({"message":")" + chinese + R"("})").what.message;
  BOOST_TEST(cut.size() < 260u);
  BOOST_TEST(cut.ends_with("错…"));
}

BOOST_AUTO_TEST_CASE(of_an_empty_account_are_final) {
  const auto failed = answered(429, R"({"error":{"message":"pay","code":"insufficient_quota"}})");
  BOOST_TEST((failed.what.code == errc::unavailable));
  BOOST_TEST((failed.again == ask_again::never));
}

BOOST_AUTO_TEST_CASE(may_ask_for_a_pause) {
  auto pause = [](std::string name, std::string text) {
    return answered(429, "", {{std::move(name), std::move(text)}}).what.retry_after;
  };
  BOOST_TEST((pause("retry-after", "7") == 7s));
  BOOST_TEST((pause("Retry-After-Ms", "250") == 250ms));
  BOOST_TEST((pause("Retry-After", "Wed, 21 Oct 2026 07:00:30 GMT") == 30s));
  BOOST_TEST((pause("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT") == 0s));
  for (const char* nonsense : {"", "soon", "-1", "1e9", "99999999999999999999", "100000",
                               "Wed, 21 Foo 2026 07:00:30 GMT", "Wed, 99 Oct 2026 07:00:30 GMT"})
    BOOST_TEST(!pause("Retry-After", nonsense).has_value(), nonsense);
}

BOOST_AUTO_TEST_CASE(of_a_connection_pass_but_those_of_a_request_stay) {
  for (errc code : {errc::unavailable, errc::timeout, errc::overloaded, errc::rate_limited})
    BOOST_TEST((failure_of(error{code, ""}).again == ask_again::later));
  for (errc code : {errc::invalid_request, errc::cancelled, errc::failed, errc::unauthorized})
    BOOST_TEST((failure_of(error{code, ""}).again == ask_again::never));
}

BOOST_AUTO_TEST_SUITE_END()
