#include "clients.hpp"

using namespace troupe;
using namespace troupe::test;

BOOST_AUTO_TEST_SUITE(http_reviews)

BOOST_AUTO_TEST_CASE(a_run_that_waits_is_answered_with_202_and_can_be_decided_once) {
  fixture f(fake_gateway::answers::when_told);
  http_test_client client(*f.running);
  std::thread later([&] { f.gate.ask(f.gate.wait_for_run(1), "一个草稿"); });
  auto reply = client.post("/v1/runs", R"({"input":{"text":"hello"}})");
  later.join();
  BOOST_TEST(reply.result_int() == 202u);
  BOOST_TEST(std::string(reply["Location"]) == "/v1/runs/r1");
  BOOST_TEST(text_of(body_of(reply), "run") == "r1");
  BOOST_TEST(text_of(body_of(reply), "state") == "waiting");
  BOOST_TEST(text_of(body_of(reply), "stage") == "review");

  auto list = body_of(client.get("/v1/reviews")).at("reviews").as_array();
  BOOST_REQUIRE_EQUAL(list.size(), 1u);
  BOOST_TEST(text_of(list[0].as_object(), "draft") == "一个草稿");
  BOOST_TEST(body_of(client.get("/v1/reviews?after=r1")).at("reviews").as_array().empty());
  BOOST_TEST(client.get("/v1/reviews?limit=0").result_int() == 400u);
  BOOST_TEST(text_of(body_of(client.get("/v1/reviews/r1")), "draft") == "一个草稿");
  BOOST_TEST(client.get("/v1/reviews/r2").result_int() == 404u);

  auto decided = client.post("/v1/reviews/r1",
                             R"({"verdict":"edit","text":"better","comment":"短","by":"Li"})");
  BOOST_TEST(decided.result_int() == 200u);
  BOOST_TEST(text_of(body_of(decided), "verdict") == "edited");
  BOOST_REQUIRE_EQUAL(f.gate.decided().size(), 1u);
  const auto d = f.gate.decided()[0];
  BOOST_TEST((d.what == verdict::edit));
  BOOST_TEST(d.text == "better");
  BOOST_TEST(d.comment == "短");
  BOOST_TEST(d.reviewer == "Li");
  BOOST_TEST(client.post("/v1/reviews/r1", R"({"verdict":"approve"})").result_int() == 409u);
  BOOST_TEST(client.post("/v1/reviews/r9", R"({"verdict":"approve"})").result_int() == 404u);
}

BOOST_AUTO_TEST_CASE(a_decision_that_makes_no_sense_names_what_is_wrong) {
  fixture f;
  http_test_client client(*f.running);
  const std::pair<const char*, const char*> wrong[] = {
      {R"({})", "`verdict`"},
      {R"({"verdict":"approved"})", "`approve`"},
      {R"({"verdict":"edit"})", "`text`"},
      {R"({"verdict":"approve","text":"x"})", "`text`"},
      {R"({"verdict":"reject","task":"1"})", "`task`"},
  };
  for (const auto& [body, named] : wrong) {
    auto reply = client.post("/v1/reviews/r1", body);
    BOOST_TEST(reply.result_int() == 400u);
    BOOST_TEST(reply.body().find(named) != std::string::npos, body << " " << reply.body());
  }
}

BOOST_AUTO_TEST_SUITE_END()
