// The remote engine's decisions, with an HTTP client that answers from a script. How it does over
// real sockets is in tests/integration/remote_engine.cpp.

#include "model/remote_engine.hpp"

#include "pipeline/skipping_clock.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <deque>

using namespace troupe;
using namespace std::chrono_literals;
using role = chat_message::role_type;

namespace {

std::string event(std::string_view text) {
  boost::json::object delta{{"content", text}};
  boost::json::object choice{{"delta", std::move(delta)}};
  return "data: " +
         boost::json::serialize(boost::json::object{{"choices", boost::json::array{choice}}}) +
         "\n\n";
}

constexpr std::string_view end =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3}}\n\n"
    "data: [DONE]\n\n";

http_response stream_of(std::string body) {
  return {200, {{"Content-Type", "text/event-stream; charset=utf-8"}}, std::move(body)};
}

http_response refusal(int status, http_headers headers = {}) {
  return {status, std::move(headers), R"({"error":{"message":"no, sk-secret-1"}})"};
}

/// Answers from a script; the last answer stays. Bodies are streamed in small pieces.
class scripted_http final : public http_streamer {
 public:
  explicit scripted_http(std::deque<result<http_response>> script) : script_(std::move(script)) {}
  result<http_response> send(const http_request& request, std::stop_token, time_point) override {
    asked.push_back(request);
    auto answer = script_.front();
    if (script_.size() > 1) script_.pop_front();
    return answer;
  }
  result<http_response> stream(const http_request& request, const http_timeouts&,
                               const http_body_function& on_body, std::stop_token cancel,
                               time_point deadline) override {
    constexpr std::size_t piece = 5;
    auto answer = send(request, cancel, deadline);
    if (!answer || answer->status / 100 != 2) return answer;
    std::string_view body = answer->body;
    while (!body.empty() && on_body(*answer, body.substr(0, piece)) == http_body::more)
      body.remove_prefix(std::min(piece, body.size()));
    if (breaks_off) return error{errc::unavailable, "reading the answer failed"};
    return http_response{answer->status, answer->headers, {}};
  }
  std::vector<http_request> asked;
  bool breaks_off = false;  ///< behind the last byte of every streamed answer

 private:
  std::deque<result<http_response>> script_;
};

struct with_remote {
  skipping_clock time;
  remote_options options;
  std::shared_ptr<scripted_http> http;
  std::shared_ptr<resilient_engine> api;
  generation_request request;
  std::function<void()> rewind;
  time_point begin_by = time_point::max();
  std::string seen, thoughts;
  usage wasted;

  with_remote() {
    options.name = "deepseek";
    options.url = "https://api.example.com/v1";
    options.model = "deepseek-chat";
    options.api_key = "sk-secret-1";
    options.retry = {.attempts = 3, .backoff_min = 1ms, .backoff_max = 2ms};
    request.messages = {{role::user, "退款要多久？"}};
  }
  /// Its thoughts go into `thoughts`.
  result<generation> ask(std::deque<result<http_response>> script, bool broken = false) {
    http = std::make_shared<scripted_http>(std::move(script));
    http->breaks_off = broken;
    api = make_remote_engine(options, http, time);
    return again();
  }
  result<generation> again() {
    return again([this](std::string_view piece) { seen += piece; });
  }
  result<generation> again(std::function<void(std::string_view)> on_text) {
    auto answered = api->answer({.request = request,
                                 .on_text = std::move(on_text),
                                 .rewind = rewind,
                                 .wasted =
                                     [this](usage u) {
                                       wasted.model_calls += u.model_calls;
                                       wasted.tokens += u.tokens;
                                     },
                                 .begin_by = begin_by});
    if (!answered) return std::move(answered).error();
    thoughts = answered->reasoning;
    return std::move(answered->made);
  }
  boost::json::object asked(std::size_t i = 0) const {
    return boost::json::parse(http->asked.at(i).body).as_object();
  }
  std::string bearer(std::size_t i) const {
    return std::string(http_response{0, http->asked.at(i).headers, {}}.header("Authorization"));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_remote_engine, with_remote)

BOOST_AUTO_TEST_CASE(streams_an_answer_and_counts_what_the_api_counts) {
  auto made = ask({stream_of(event("五天") + event(", five days") + std::string(end))});
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  BOOST_TEST(made->text == "五天, five days");
  BOOST_TEST(seen == made->text);
  BOOST_TEST((made->reason == finish_reason::stop));
  BOOST_TEST(made->prompt_tokens == 11);
  BOOST_TEST(made->output_tokens == 3);
  BOOST_TEST(wasted.model_calls == 0);
  const auto sent = http->asked.at(0);
  BOOST_TEST(sent.url == "https://api.example.com/v1/chat/completions");
  BOOST_TEST(bearer(0) == "Bearer sk-secret-1");
}

BOOST_AUTO_TEST_CASE(keeps_thoughts_out_of_the_text) {
  auto made =
      ask({stream_of("data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n" +
                     event("yes") + std::string(end))});
  BOOST_TEST(made->text == "yes");
  BOOST_TEST(thoughts == "hm");
  BOOST_TEST(seen == "yes");
}

BOOST_AUTO_TEST_CASE(estimates_what_the_api_does_not_count) {
  auto made = ask({stream_of(event("五天五天五") + "data: [DONE]\n\n")});
  BOOST_TEST(made->prompt_tokens == 8);
  BOOST_TEST(made->output_tokens == 3);
}

BOOST_AUTO_TEST_CASE(takes_a_whole_answer_too) {
  auto made = ask({http_response{200,
                                 {{"content-type", "application/json"}},
                                 R"({"choices":[{"message":{"content":"五天"}}]})"}});
  BOOST_REQUIRE(made);
  BOOST_TEST(made->text == "五天");
}

BOOST_AUTO_TEST_CASE(ends_at_a_stop_string_however_it_is_cut) {
  request.stop = {"END"};
  auto made = ask({stream_of(event("five E") + event("N") + event("D six") + std::string(end))});
  BOOST_TEST(made->text == "five ");
  BOOST_TEST(seen == "five ");
  BOOST_TEST((made->reason == finish_reason::stop));
}

BOOST_AUTO_TEST_CASE(asks_again_when_it_was_refused_for_a_while) {
  auto made = ask({refusal(429), refusal(503), stream_of(event("ok") + std::string(end))});
  BOOST_REQUIRE(made);
  BOOST_TEST(made->text == "ok");
  BOOST_TEST(http->asked.size() == 3u);
  BOOST_TEST(wasted.model_calls == 2);
  BOOST_TEST(wasted.tokens == 0);
  BOOST_TEST(api->figures().retries == 2u);
}

BOOST_AUTO_TEST_CASE(gives_up_after_its_attempts_and_never_tells_the_key) {
  auto made = ask({refusal(500)});
  BOOST_REQUIRE(!made);
  BOOST_TEST(http->asked.size() == 3u);
  BOOST_TEST((made.error().code == errc::unavailable));
  BOOST_TEST(made.error().message == "model `deepseek`: the API answered 500: no, …");
}

BOOST_AUTO_TEST_CASE(does_not_ask_again_what_is_refused_for_good) {
  for (int status : {400, 401, 403, 404}) {
    BOOST_TEST(!ask({refusal(status)}).has_value());
    BOOST_TEST(http->asked.size() == 1u, status);
  }
  auto page = ask({http_response{200, {{"Content-Type", "text/html"}}, "<html>"}});
  BOOST_TEST((page.error().code == errc::unavailable));
  BOOST_TEST(page.error().message.find("`text/html`") != std::string::npos);
  BOOST_TEST(http->asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(leaves_a_long_pause_to_others) {
  auto made = ask({refusal(429, {{"Retry-After", "60"}})});
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == errc::rate_limited));
  BOOST_TEST((made.error().retry_after == 60s));
  BOOST_TEST(http->asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(does_not_wait_past_the_time_to_begin) {
  options.retry = {.attempts = 9, .backoff_min = 10s, .backoff_max = 10s};
  begin_by = time.now() + 2s;
  BOOST_TEST(!ask({refusal(503)}).has_value());
  BOOST_TEST(http->asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(has_failed_when_an_answer_breaks_off_that_somebody_has_seen) {
  auto made = ask({stream_of(event("five"))}, true);
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == errc::unavailable));
  BOOST_TEST(http->asked.size() == 1u);
  BOOST_TEST(wasted.model_calls == 0);
  BOOST_TEST(wasted.tokens == 8 + 2);
}

BOOST_AUTO_TEST_CASE(begins_anew_when_what_was_seen_can_be_taken_back) {
  rewind = [this] { seen += "<"; };
  auto made = ask({stream_of(event("half")), stream_of(event("whole") + std::string(end))});
  BOOST_REQUIRE(made);
  BOOST_TEST(seen == "half<whole");
  BOOST_TEST(made->text == "whole");
  BOOST_TEST(wasted.model_calls == 1);
  BOOST_TEST(wasted.tokens == 8 + 2);
}

BOOST_AUTO_TEST_CASE(begins_anew_unseen_when_no_text_had_come) {
  auto made = ask({stream_of(": wait\n\n"), stream_of("data: {\n\n"),
                   stream_of(event("ok") + std::string(end))});
  BOOST_REQUIRE(made);
  BOOST_TEST(seen == "ok");
}

BOOST_AUTO_TEST_CASE(keeps_within_the_budget_of_prompt_and_answer) {
  request.max_tokens = 100;
  request.total_tokens = 20;
  BOOST_REQUIRE(ask({stream_of(event("ok") + std::string(end))}));
  BOOST_TEST(asked().at("max_tokens").as_int64() == 12);
  request.total_tokens = 8;
  auto none = ask({stream_of(std::string(end))});
  BOOST_REQUIRE(!none);
  BOOST_TEST((none.error().code == errc::budget));
  BOOST_TEST(http->asked.empty());
}

BOOST_AUTO_TEST_CASE(gives_less_room_to_a_second_try) {
  request.max_tokens = 100;
  request.total_tokens = 40;
  rewind = [] {};
  BOOST_REQUIRE(ask({stream_of(event("half")), stream_of(event("ok") + std::string(end))}));
  BOOST_TEST(asked(0).at("max_tokens").as_int64() == 32);
  BOOST_TEST(asked(1).at("max_tokens").as_int64() == 22);
}

BOOST_AUTO_TEST_CASE(renews_its_access_token_once_when_it_is_refused) {
  options.api_key.clear();
  options.oauth = {"https://login.example.com/token", "id", "secret", ""};
  auto grant = [](std::string token) {
    return http_response{200, {}, R"({"access_token":")" + token + R"(","expires_in":3600})"};
  };
  auto made = ask({grant("t1"), stream_of(event("one") + std::string(end)), refusal(401),
                   grant("t2"), stream_of(event("two") + std::string(end)), refusal(401)});
  BOOST_TEST(made->text == "one");
  BOOST_TEST(bearer(1) == "Bearer t1");
  made = again();
  BOOST_REQUIRE(made);
  BOOST_TEST(made->text == "two");
  BOOST_TEST(bearer(2) == "Bearer t1");
  BOOST_TEST(bearer(4) == "Bearer t2");
}

BOOST_AUTO_TEST_CASE(without_an_access_token_asks_nothing) {
  options.oauth = {"https://login.example.com/token", "id", "secret", ""};
  auto made = ask({refusal(401)});
  BOOST_TEST((made.error().code == errc::unauthorized));
  BOOST_TEST(http->asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(that_nobody_waits_for_says_so) {
  std::stop_source stop;
  request.cancel = stop.get_token();
  rewind = [] {};
  http = std::make_shared<scripted_http>(
      std::deque<result<http_response>>{stream_of(event("one") + event("two") + std::string(end))});
  api = make_remote_engine(options, http, time);
  auto made = again([&](std::string_view piece) {
    seen += piece;
    stop.request_stop();
  });
  BOOST_REQUIRE(made);
  BOOST_TEST((made->reason == finish_reason::cancelled));
  BOOST_TEST(seen == "one");
  BOOST_TEST(http->asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(whose_time_is_up_gives_what_it_has) {
  request.deadline = time.now() + 5s;
  http =
      std::make_shared<scripted_http>(std::deque<result<http_response>>{stream_of(event("one"))});
  http->breaks_off = true;
  api = make_remote_engine(options, http, time);
  auto made = again([&](std::string_view piece) {
    seen += piece;
    time.skip(6s);
  });
  BOOST_REQUIRE(made);
  BOOST_TEST((made->reason == finish_reason::deadline));
  BOOST_TEST(made->text == "one");
}

BOOST_AUTO_TEST_SUITE_END()
