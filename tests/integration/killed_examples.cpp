// Both examples, with their models, under real clients and a killer that comes when it likes: every
// message is answered, by one run each, and the history is whole.

#include "integration/talker.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <list>
#include <random>
#include <thread>

using namespace troupe::test;

namespace {

struct answered {
  std::string run, reply;
};

/// Posts one message; nothing if the server went away meanwhile.
std::optional<answered> post(std::uint16_t port, const std::string& conversation,
                             const std::string& id, const json::object& input,
                             std::string& complaint) {
  try {
    asio::io_context context;
    tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), port});
    http::request<http::string_body> request{http::verb::post,
                                             "/v1/conversations/" + conversation + "/runs", 11};
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/json");
    request.body() = json::serialize(json::object{{"id", id}, {"input", input}});
    request.prepare_payload();
    http::write(socket, request);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(socket, buffer, response);
    const auto body = json::parse(response.body()).as_object();
    // A slow machine that has many runs to take up again may let no more in for a while; it says
    // for how long.
    if (response.result() == http::status::too_many_requests) {
      const auto after = body.at("error").at("retry_after_ms").to_number<int>();
      std::this_thread::sleep_for(std::chrono::milliseconds(std::clamp(after, 1, 10'000)));
      return post(port, conversation, id, input, complaint);
    }
    if (response.result() != http::status::ok) {
      complaint = conversation + " " + id + ": " + response.body();
      return answered{};
    }
    return answered{std::string(body.at("run").as_string()),
                    std::string(body.at("reply").as_string())};
  } catch (const boost::system::system_error&) {
    return std::nullopt;
  }
}

/// One conversation: says its messages one after another, each until it is answered.
struct asker {
  std::string name;
  std::vector<json::object> inputs;
  std::vector<answered> answers;
  std::string complaint;

  void talk(rounds& r) {
    int round = 0;
    auto port = r.wait_for_server(round);
    while (answers.size() < inputs.size() && complaint.empty()) {
      auto a = post(port, name, id_of(answers.size()), inputs[answers.size()], complaint);
      if (a)
        answers.push_back(std::move(*a));
      else
        port = r.wait_for_server(round);
    }
  }
  static std::string id_of(std::size_t message) { return "m" + std::to_string(message); }
};

/// Kills the server again and again while they talk, and looks at what it remembers.
void survives(const std::string& example, std::list<asker>& askers, int kills,
              std::chrono::milliseconds longest_life) {
  temporary_folder folder;
  served_graph server(
      std::filesystem::path(TROUPE_SOURCE_DIR) / "examples" / example / "pipeline.toml",
      folder.path());
  server.start();
  rounds r;
  std::atomic<int> talking{static_cast<int>(askers.size())};
  std::vector<std::thread> threads;
  for (asker& a : askers)
    threads.emplace_back([&] {
      a.talk(r);
      --talking;
    });
  r.announce(server.port());
  std::mt19937 chance(5);
  int recovered = 0, killed = 0;
  for (; killed < kills && talking > 0; ++killed) {
    std::this_thread::sleep_for(std::chrono::milliseconds(
        20 + static_cast<int>(chance() % static_cast<unsigned>(longest_life.count()))));
    server.kill_now();
    server.start();
    recovered += server.recovered();
    r.announce(server.port());
  }
  for (std::thread& t : threads) t.join();
  BOOST_TEST_MESSAGE(example << ": " << killed << " kills, " << recovered
                             << " runs taken up again");
  // Otherwise no kill came in the middle of anything.
  BOOST_TEST(recovered > 0);

  server.kill_now();
  server.start();
  std::set<std::string> runs;
  for (asker& a : askers) {
    BOOST_TEST(a.complaint == "");
    BOOST_REQUIRE(a.answers.size() == a.inputs.size());
    const auto found = get_json(server.port(), "/v1/conversations/" + a.name);
    const auto& turns = found.at("turns").as_array();
    BOOST_REQUIRE(turns.size() == a.inputs.size());
    for (std::size_t m = 0; m < turns.size(); ++m) {
      const auto& answer = a.answers[m];
      BOOST_TEST(answer.reply != "");
      BOOST_TEST(runs.insert(answer.run).second);
      BOOST_TEST(turns[m].at("run").as_string() == answer.run);
      BOOST_TEST(turns[m].at("reply").as_string() == answer.reply);
      const auto again = post(server.port(), a.name, asker::id_of(m), a.inputs[m], a.complaint);
      BOOST_REQUIRE(again);
      BOOST_TEST(again->run == answer.run);
      BOOST_TEST(again->reply == answer.reply);
    }
  }
  BOOST_TEST(server.stop() == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(killed_examples)

BOOST_AUTO_TEST_CASE(customer_service_answers_every_message_once, *boost::unit_test::timeout(240)) {
  const std::vector<std::string> texts = {"Where is my order ORD-10001?",
                                          "我的订单ORD-10002到哪里了？",
                                          "How do I return something?",
                                          "怎么开发票？",
                                          "What does delivery cost?",
                                          "可以退款吗？",
                                          "thanks",
                                          "再见"};
  std::list<asker> askers;
  for (std::size_t c = 0; c < 8; ++c) {
    asker a{.name = "c" + std::to_string(c)};
    for (std::size_t m = 0; m < 40; ++m) a.inputs.push_back({{"text", texts[(c + m) % 8]}});
    askers.push_back(std::move(a));
  }
  survives("customer_service", askers, 8, std::chrono::milliseconds(150));
}

BOOST_AUTO_TEST_CASE(content_generation_finishes_every_article_once,
                     *boost::unit_test::timeout(240)) {
  std::list<asker> askers;
  for (const char* topic : {"lamps", "茶", "bread", "咖啡"})
    askers.push_back({.name = "t" + std::to_string(askers.size()),
                      .inputs = std::vector<json::object>(4, {{"topic", topic}})});
  survives("content_gen", askers, 5, std::chrono::milliseconds(250));
}

BOOST_AUTO_TEST_SUITE_END()
