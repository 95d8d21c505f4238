// The members of stage.hpp that stages lean on.

#include "support/fake_models.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

BOOST_AUTO_TEST_SUITE(stage_services_and_context)

BOOST_AUTO_TEST_CASE(an_engine_is_found_by_name_or_by_being_the_only_one) {
  stage_services s;
  BOOST_TEST((s.find_engine("").error().code == errc::not_found));
  auto writer = std::make_shared<test::fake_engine>();
  s.engines["writer"] = writer;
  BOOST_TEST((*s.find_engine("") == writer));
  s.engines["judge"] = std::make_shared<test::fake_engine>();
  BOOST_TEST((s.find_engine("").error().code == errc::invalid_request));
  BOOST_TEST((*s.find_engine("writer") == writer));
  auto missing = s.find_engine("writter");
  BOOST_TEST(missing.error().message.find("`writter`") != std::string::npos);
  BOOST_TEST(missing.error().message.find("`judge`, `writer`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(relative_paths_start_at_the_graph) {
  stage_services s;
  s.base = "/graphs/shop";
  BOOST_TEST(s.resolve("data/a.toml") == "/graphs/shop/data/a.toml");
  BOOST_TEST(s.resolve("/abs/a.toml") == "/abs/a.toml");
}

BOOST_AUTO_TEST_CASE(the_idempotency_key_differs_by_attempt_only_where_it_must) {
  stage_services s;
  call_info info;
  info.run = "r1";
  info.stage = "pay";
  info.task = 4;
  auto key = [&] { return run_context(info, {}, system_clock(), s).idempotency_key(); };
  auto first = key();
  BOOST_TEST(first == "r1/pay/4/1");
  BOOST_TEST(key() == first);
  info.attempt = 2;
  BOOST_TEST(key() != first);
}

BOOST_AUTO_TEST_CASE(history_is_empty_for_a_job) {
  stage_services s;
  BOOST_TEST(run_context({}, {}, system_clock(), s).history().empty());
}

BOOST_AUTO_TEST_CASE(log_lines_name_run_and_stage) {
  std::string line;
  set_log_hook([&](std::string_view text) { line = text; });
  stage_services s;
  call_info info;
  info.run = "r1";
  info.stage = "pay";
  run_context(info, {}, system_clock(), s).log("paid");
  set_log_hook({});
  BOOST_TEST(line == "run r1, stage pay: paid");
}

BOOST_AUTO_TEST_SUITE_END()
