#include "clients.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// The JSON of every `data:` line but [DONE].
std::vector<json::object> chunks_of(const std::string& body) {
  std::vector<json::object> chunks;
  for (std::size_t at = 0; (at = body.find("data: {", at)) != std::string::npos; ++at)
    chunks.push_back(json::parse(body.substr(at + 6, body.find('\n', at) - at - 6)).as_object());
  return chunks;
}

std::string content_of(const std::vector<json::object>& chunks) {
  std::string all;
  for (const auto& chunk : chunks)
    for (const auto& choice : chunk.at("choices").as_array())
      if (const auto* c = choice.at("delta").as_object().if_contains("content"))
        all += std::string(c->as_string());
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(completions)

BOOST_AUTO_TEST_CASE(the_last_words_of_the_user_are_run_as_a_job) {
  fixture f;
  http_test_client client(*f.running);
  auto reply = client.post("/v1/chat/completions",
                           R"({"model":"fake","messages":[{"role":"system","content":"be brief"},
          {"role":"user","content":"first"},{"role":"assistant","content":"ok"},
          {"role":"user","content":[{"type":"text","text":"你好"}]}]})");
  BOOST_TEST(reply.result_int() == 200u);
  auto body = body_of(reply);
  BOOST_TEST(text_of(body, "object") == "chat.completion");
  BOOST_TEST(text_of(body, "id") == "chatcmpl-r1");
  const auto& choice = body.at("choices").at(0);
  BOOST_TEST(choice.at("message").at("content").as_string() == "You said: 你好");
  BOOST_TEST(choice.at("finish_reason").as_string() == "stop");
  BOOST_TEST(body.at("usage").is_null());
  BOOST_TEST(f.gate.submitted("r1").conversation.empty());
}

BOOST_AUTO_TEST_CASE(a_user_is_a_conversation) {
  fixture f;
  http_test_client client(*f.running);
  client.post("/v1/chat/completions",
              R"({"model":"fake","user":"u7","messages":[{"role":"user","content":"hi"}]})");
  BOOST_TEST(f.gate.submitted("r1").conversation == "u7");
  BOOST_TEST(f.gate.submitted("r1").owner == "u7");
}

BOOST_AUTO_TEST_CASE(a_stream_is_chunks_usage_and_done) {
  fixture f(fake_gateway::answers::when_told);
  std::thread later([&] {
    auto run = f.gate.wait_for_run(1);
    f.gate.delta(run, "It is ");
    f.gate.delta(run, "on its way.");
    f.gate.finish(run, "It is on its way.",
                  {{"usage", value::table{{"prompt_tokens", 9}, {"completion_tokens", 5}}}});
  });
  http_test_client client(*f.running);
  auto reply = client.post("/v1/chat/completions",
                           R"({"model":"fake","stream":true,"stream_options":{"include_usage":true},
                      "messages":[{"role":"user","content":"where is it?"}]})");
  later.join();
  BOOST_TEST(reply[http::field::content_type] == "text/event-stream");
  BOOST_TEST(reply.body().ends_with("data: [DONE]\n\n"));
  auto chunks = chunks_of(reply.body());
  BOOST_REQUIRE_EQUAL(chunks.size(), 5u);
  BOOST_TEST(chunks[0].at("choices").at(0).at("delta").at("role").as_string() == "assistant");
  BOOST_TEST(content_of(chunks) == "It is on its way.");
  BOOST_TEST(chunks[3].at("choices").at(0).at("finish_reason").as_string() == "stop");
  BOOST_TEST(chunks[4].at("usage").at("completion_tokens").as_int64() == 5);
}

BOOST_AUTO_TEST_CASE(words_that_were_sent_stay_true_after_a_rewind) {
  struct sample {
    std::string first, second, expected;
  };
  const std::vector<sample> samples = {
      {"It is ", "It is late.", "It is late."},
      {"It was", "It is late.", "It was\n\nIt is late."},
  };
  for (const auto& s : samples) {
    fixture f(fake_gateway::answers::when_told);
    std::thread later([&] {
      auto run = f.gate.wait_for_run(1);
      f.gate.delta(run, s.first);
      f.gate.rewind(run);
      f.gate.delta(run, s.second);
      f.gate.finish(run, s.second);
    });
    http_test_client client(*f.running);
    auto reply =
        client.post("/v1/chat/completions",
                    R"({"model":"fake","stream":true,"messages":[{"role":"user","content":"?"}]})");
    later.join();
    BOOST_TEST(content_of(chunks_of(reply.body())) == s.expected);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_completed_is_refused) {
  fixture f;
  http_test_client client(*f.running);
  auto ask = [&](const char* body) { return client.post("/v1/chat/completions", body); };
  BOOST_TEST(ask(R"({"messages":[]})").result_int() == 400u);
  BOOST_TEST(ask(R"({"model":"fake"})").result_int() == 400u);
  BOOST_TEST(ask(R"({"model":"fake","messages":[]})").result_int() == 400u);
  BOOST_TEST(ask(R"({"model":"fake","stream":1,"messages":[{"role":"user","content":"x"}]})")
                 .result_int() == 400u);
  auto other = ask(R"({"model":"gpt-4","messages":[{"role":"user","content":"x"}]})");
  BOOST_TEST(other.result_int() == 404u);
  BOOST_TEST(error_message_of(other).find("`gpt-4`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_graph_is_the_only_model) {
  fixture f;
  http_test_client client(*f.running);
  auto data = body_of(client.get("/v1/models")).at("data").as_array();
  BOOST_REQUIRE_EQUAL(data.size(), 1u);
  BOOST_TEST(data[0].at("id").as_string() == "fake");
}

BOOST_AUTO_TEST_SUITE_END()
