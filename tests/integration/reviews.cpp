// Reviews, dead letters and `why` through the real program: on a data folder, over HTTP, and with
// the server killed in between.

#include "integration/served_graph.hpp"
#include "support/command_line.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe::test;

namespace {

constexpr std::string_view article = R"([graph]
name   = "article"
start  = "write"
output = "reply"

[input]
topic = "text"

[stage.write]
use  = "template"
with = { template = "All about {topic}." }
out  = { text = "draft" }
next = "approval"

[stage.approval]
use  = "review"
with = { expires = "72h" }
out  = { text = "reply" }

[[stage.approval.next]]
when = "verdict == 'rejected'"
to   = "sorry"

[[stage.approval.next]]
to   = "done"

[stage.done]
use  = "set"
with = { values = { published = true } }

[stage.sorry]
use  = "template"
with = { template = "Not published: {comment}" }
out  = { text = "reply" }
)";

/// `reply` cannot be made: there is no such entry.
constexpr std::string_view failing = R"([graph]
name   = "failing"
start  = "write"
output = "reply"

[input]
order = "table"

[stage.write]
use  = "template"
with = { template = "Order {order.id}" }
out  = { text = "reply" }
)";

struct review_command_line : command_line {
  const std::string data = folder.path() / "data";

  /// The only run that waits.
  std::string waiting_run() {
    const auto listed = troupe({"reviews", "list", "--data", data, "--json"});
    BOOST_TEST(listed.code == 0);
    const auto all = json::parse(listed.out).as_array();
    BOOST_REQUIRE(all.size() == 1U);
    return std::string(all[0].at("run").as_string());
  }
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

http::response<http::string_body> post(std::uint16_t port, const std::string& target,
                                       const json::value& body) {
  asio::io_context context;
  tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  http::request<http::string_body> request{http::verb::post, target, 11};
  request.set(http::field::host, "127.0.0.1");
  request.set(http::field::content_type, "application/json");
  request.body() = json::serialize(body);
  request.prepare_payload();
  http::write(socket, request);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  return response;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reviews_by_command)

BOOST_FIXTURE_TEST_CASE(a_run_is_parked_in_its_data_folder_and_goes_on_when_it_is_decided,
                        review_command_line) {
  const auto graph = file("article.toml", article);
  const auto parked = troupe({"run", graph, "--set", "topic=台灯", "--data", data});
  BOOST_TEST(parked.code == 0);
  BOOST_TEST(parked.out == "");
  const auto run = waiting_run();
  BOOST_TEST(contains(parked.err, "troupe reviews approve " + run + " --data " + data));

  const auto shown = troupe({"reviews", "show", run, "--data", data});
  BOOST_TEST(contains(shown.out, "All about 台灯."));
  BOOST_TEST(contains(troupe({"runs", "list", "--state", "waiting", "--data", data}).out, run));

  const auto decided =
      troupe({"reviews", "reject", run, "--comment", "太短", "--by", "Li", "--data", data});
  BOOST_TEST(decided.code == 0, decided.err);
  BOOST_TEST(decided.out == "Not published: 太短\n");
  const auto again = troupe({"reviews", "approve", run, "--data", data});
  BOOST_TEST(again.code == 1);
  BOOST_TEST(contains(again.err, "waits for no decision any more"));

  const auto why = troupe({"why", run, "--lang", "en", "--data", data});
  BOOST_TEST(why.code == 0, why.err);
  for (const char* told : {"`approval` was rejected after", "by Li", "comment: 太短",
                           "`verdict == 'rejected'` (verdict = \"rejected\") holds"})
    BOOST_TEST(contains(why.out, told), told << " is not in " << why.out);
  BOOST_TEST(contains(troupe({"why", run, "--lang", "zh", "--data", data}).out, "被驳回"));
  BOOST_TEST(troupe({"why", run, "--lang", "de", "--data", data}).code == 2);
  BOOST_TEST(contains(troupe({"runs", "show", run, "--data", data}).out, "state: finished"));
}

BOOST_FIXTURE_TEST_CASE(a_run_that_is_not_kept_is_asked_about_or_refused, review_command_line) {
  const auto graph = file("article.toml", article);
  const auto refused = troupe({"run", graph, "--set", "topic=x"});
  BOOST_TEST(refused.code == 1);
  BOOST_TEST(contains(refused.err, "--approve"));
  const auto approved = troupe({"run", graph, "--set", "topic=x", "--approve"});
  BOOST_TEST(approved.code == 0, approved.err);
  BOOST_TEST(approved.out == "All about x.\n");
}

BOOST_FIXTURE_TEST_CASE(a_pending_review_outlives_kill_9_and_is_decided_once, review_command_line) {
  served_graph server(file("article.toml", article), folder.path());
  server.start();
  const auto asked = post(server.port(), "/v1/runs", {{"input", {{"topic", "lamps"}}}});
  BOOST_TEST(asked.result_int() == 202U);
  const std::string run(json::parse(asked.body()).at("run").as_string());
  server.kill_now();
  server.start();
  BOOST_TEST(server.recovered() == 0);
  BOOST_TEST(get_json(server.port(), "/v1/runs/" + run).at("state").as_string() == "waiting");
  const auto listed = get_json(server.port(), "/v1/reviews").at("reviews").as_array();
  BOOST_REQUIRE(listed.size() == 1U);
  BOOST_TEST(listed[0].at("draft").as_string() == "All about lamps.");
  // The command finds the server by the data folder.
  BOOST_TEST(waiting_run() == run);
  const auto decided =
      troupe({"reviews", "edit", run, "--text", "All about light.", "--data", data});
  BOOST_TEST(decided.code == 0, decided.err);
  server.kill_now();
  server.start();
  for (;;) {
    const auto status = get_json(server.port(), "/v1/runs/" + run);
    if (status.at("state").as_string() != "finished") continue;
    BOOST_TEST(status.at("reply").as_string() == "All about light.");
    break;
  }
  BOOST_TEST(post(server.port(), "/v1/reviews/" + run, {{"verdict", "approve"}}).result_int() ==
             409U);
  BOOST_TEST(get_json(server.port(), "/v1/reviews").at("reviews").as_array().empty());
  // Read-only commands work while the server runs.
  BOOST_TEST(
      contains(troupe({"why", run, "--lang", "en", "--data", data}).out, "was edited after"));
  BOOST_TEST(server.stop() == 0);
}

BOOST_FIXTURE_TEST_CASE(what_failed_is_listed_tried_again_and_dropped, review_command_line) {
  const auto graph = file("failing.toml", failing);
  const auto failed = troupe({"run", graph, "--set", R"(order={"no":1})", "--data", data});
  BOOST_TEST(failed.code == 1);
  const auto listed = troupe({"dlq", "list", "--data", data, "--json"});
  const auto all = json::parse(listed.out).as_array();
  BOOST_REQUIRE(all.size() == 1U);
  const std::string run(all[0].at("run").as_string());
  BOOST_TEST(contains(troupe({"dlq", "show", run, "--data", data}).out, "`order.id`"));

  const auto retried = troupe({"dlq", "retry", run, "--data", data});
  BOOST_TEST(retried.code == 1);
  const auto after = json::parse(troupe({"dlq", "list", "--data", data, "--json"}).out).as_array();
  BOOST_REQUIRE(after.size() == 1U);
  const std::string fresh(after[0].at("run").as_string());
  BOOST_TEST(fresh != run);
  BOOST_TEST(troupe({"dlq", "drop", fresh, "--data", data}).code == 0);
  BOOST_TEST(troupe({"dlq", "list", "--data", data}).out == "there are no dead letters\n");
  BOOST_TEST(troupe({"dlq", "drop", fresh, "--data", data}).code == 1);
}

BOOST_AUTO_TEST_SUITE_END()
