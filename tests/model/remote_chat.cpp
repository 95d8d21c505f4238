#include "model/remote_chat.hpp"

#include "model/token_estimate.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe;
namespace json = boost::json;
using role = chat_message::role_type;

namespace {

remote_options options() {
  remote_options o;
  o.name = "deepseek";
  o.model = "deepseek-chat";
  return o;
}

generation_request question() {
  generation_request r;
  r.messages = {{role::system, "Be kind."},
                {role::user, "退款要多久？"},
                {role::assistant, "Five days."},
                {role::user, "And \"express\"?"}};
  return r;
}

json::object asked(const remote_options& o, const generation_request& r, std::int64_t most = 50) {
  return json::parse(chat_request(o, r, most)).as_object();
}

chat_piece event(chat_answer& a, std::string_view data) {
  auto piece = a.take_event(data);
  BOOST_REQUIRE_MESSAGE(piece, (piece ? "" : piece.error().message));
  return *piece;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(what_an_api_is_asked)

BOOST_AUTO_TEST_CASE(has_the_conversation_and_nothing_that_was_not_asked_for) {
  auto r = question();
  r.seed = 5;
  BOOST_TEST(json::serialize(asked(options(), r)) ==
             R"({"model":"deepseek-chat","messages":[{"role":"system","content":"Be kind."},)"
             R"({"role":"user","content":"退款要多久？"},)"
             R"({"role":"assistant","content":"Five days."},)"
             R"({"role":"user","content":"And \"express\"?"}],"max_tokens":50,)"
             R"("temperature":0E0,"seed":5,"stream":true,)"
             R"("stream_options":{"include_usage":true}})");
}

BOOST_AUTO_TEST_CASE(has_the_ways_of_choosing_tokens) {
  auto r = question();
  r.temperature = 0.7;
  r.top_p = 0.9;
  r.top_k = 40;
  r.min_p = 0.05;
  r.repetition_penalty = 1.1;
  r.seed = ~std::uint64_t{0};
  r.stop = {"", "\n\n", "用户：", "c", "d", "e"};
  const auto o = asked(options(), r);
  BOOST_TEST(o.at("temperature").as_double() == 0.7);
  BOOST_TEST(o.at("top_p").as_double() == 0.9);
  BOOST_TEST(o.at("top_k").as_int64() == 40);
  BOOST_TEST(o.at("min_p").as_double() == 0.05);
  BOOST_TEST(o.at("repetition_penalty").as_double() == 1.1);
  BOOST_TEST(o.at("seed").as_int64() == 0x7FFFFFFF);
  BOOST_TEST(json::serialize(o.at("stop")) == R"(["\n\n","用户：","c","d"])");
}

BOOST_AUTO_TEST_CASE(asks_for_a_document_of_a_schema) {
  auto r = question();
  BOOST_TEST(!asked(options(), r).contains("response_format"));
  r.json_schema = R"({"type":"object","required":["a"]})";
  const auto format = asked(options(), r).at("response_format");
  BOOST_TEST(format.at("type").as_string() == "json_schema");
  BOOST_TEST(format.at("json_schema").at("schema").at("required") == json::array({"a"}));
}

BOOST_AUTO_TEST_CASE(is_fitted_to_the_api_by_the_graph) {
  auto how = options();
  how.token_limit = "max_completion_tokens";
  how.body = {{"reasoning_effort", "low"}, {"temperature", 1}};
  how.omit = {"seed", "stream_options", "nothing"};
  const auto o = asked(how, question());
  BOOST_TEST(o.at("max_completion_tokens").as_int64() == 50);
  BOOST_TEST(!o.contains("max_tokens"));
  BOOST_TEST(o.at("reasoning_effort").as_string() == "low");
  BOOST_TEST(o.at("temperature").as_int64() == 1);
  BOOST_TEST(!o.contains("seed"));
  BOOST_TEST(!o.contains("stream_options"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(an_answer_of_an_api)

BOOST_AUTO_TEST_CASE(comes_in_pieces_with_thoughts_apart) {
  chat_answer a;
  BOOST_TEST(event(a, R"({"choices":[{"delta":{"role":"assistant","content":""}}]})").text == "");
  auto thought = event(a, R"({"choices":[{"delta":{"content":null,"reasoning_content":"嗯"}}]})");
  BOOST_TEST(thought.text == "");
  BOOST_TEST(thought.reasoning == "嗯");
  BOOST_TEST(event(a, R"({"choices":[{"delta":{"reasoning":"so"}}]})").reasoning == "so");
  BOOST_TEST(event(a, R"({"choices":[{"delta":{"content":"五\u5929"}}],"usage":null})").text ==
             "五天");
  BOOST_TEST(!a.over());
  event(a, R"({"choices":[{"delta":{},"finish_reason":"stop"}]})");
  BOOST_TEST(a.prompt_tokens() == -1);
  event(a, R"({"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":7}})");
  BOOST_TEST(a.prompt_tokens() == 12);
  BOOST_TEST(a.output_tokens() == 7);
  event(a, "[DONE]");
  BOOST_TEST(a.over());
  BOOST_TEST((*a.end() == finish_reason::stop));
}

BOOST_AUTO_TEST_CASE(may_come_whole) {
  chat_answer a;
  auto piece = a.take_whole(R"({"object":"chat.completion","choices":[{"message":)"
                            R"({"role":"assistant","content":"Five days."},)"
                            R"("finish_reason":"length"}],"usage":{"prompt_tokens":3,)"
                            R"("completion_tokens":4,"total_tokens":7}})");
  BOOST_REQUIRE(piece);
  BOOST_TEST(piece->text == "Five days.");
  BOOST_TEST((*a.end() == finish_reason::length));
  BOOST_TEST(a.output_tokens() == 4);
}

BOOST_AUTO_TEST_CASE(that_does_not_say_that_it_is_over_was_cut) {
  chat_answer a;
  event(a, R"({"choices":[{"delta":{"content":"Five"}}]})");
  BOOST_TEST((a.end().error().code == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(ends_in_more_ways_than_one) {
  auto end = [](std::string reason) {
    chat_answer a;
    event(a, R"({"choices":[{"delta":{},"finish_reason":")" + reason + R"("}]})");
    return a.end();
  };
  BOOST_TEST((*end("stop") == finish_reason::stop));
  BOOST_TEST((*end("eos") == finish_reason::stop));
  BOOST_TEST((*end("length") == finish_reason::length));
  BOOST_TEST((end("content_filter").error().code == errc::failed));
  BOOST_TEST((end("tool_calls").error().code == errc::failed));
  BOOST_TEST((end("insufficient_system_resource").error().code == errc::overloaded));
}

BOOST_AUTO_TEST_CASE(that_is_none_is_refused) {
  for (std::string_view data :
       {"", "{", "[]", "null", "42", "<html>", R"({"choices":{}})", R"({"choices":[7]})", "{}",
        "{\"choices\":[{\"delta\":{\"content\":\"\xe4\xba\"}}]}",
        R"({"choices":[{"delta":{"content":"\ud83d"}}]})"}) {
    chat_answer a;
    const auto piece = a.take_event(data);
    BOOST_REQUIRE_MESSAGE(!piece, data);
    BOOST_TEST((piece.error().code == errc::unavailable));
  }
  chat_answer a;
  BOOST_TEST(event(a, R"({"choices":[{"delta":{"content":[1]},"finish_reason":3}]})").text == "");
}

BOOST_AUTO_TEST_CASE(may_be_an_error_in_the_middle_of_a_stream) {
  chat_answer a;
  event(a, R"({"choices":[{"delta":{"content":"Five"}}]})");
  const auto broken = a.take_event(R"({"error":{"message":"too many","type":"rate_limit_error"}})");
  BOOST_REQUIRE(!broken);
  BOOST_TEST((broken.error().code == errc::rate_limited));
  BOOST_TEST(broken.error().message.find("too many") != std::string::npos);
  BOOST_TEST((a.take_event(R"({"error":"down"})").error().code == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(estimated_numbers_of_tokens)

BOOST_AUTO_TEST_CASE(grow_with_characters_not_with_bytes) {
  BOOST_TEST(estimated_tokens("") == 0);
  BOOST_TEST(estimated_tokens("ten letter") == 3);
  BOOST_TEST(estimated_tokens("退款要多久") == 3);
  BOOST_TEST(estimated_tokens({{role::user, "退款要多久"}, {role::user, ""}}) == 11);
}

BOOST_AUTO_TEST_SUITE_END()
