#include "model/answer.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace troupe;

namespace {

struct heard {
  std::vector<std::string> pieces;
  std::function<void(std::string_view)> listener() {
    return [this](std::string_view text) { pieces.emplace_back(text); };
  }
};

using texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(answers)

BOOST_AUTO_TEST_CASE(each_token_is_a_piece_and_the_end_tells_why) {
  answer a({});
  BOOST_TEST(a.push("one"));
  BOOST_TEST(a.push(" two"));
  a.count_last();
  a.end(finish_reason::stop);
  heard h;
  const auto g = a.wait({}, time_point::max(), h.listener());
  BOOST_REQUIRE(g.has_value());
  BOOST_TEST(h.pieces == (texts{"one", " two"}), boost::test_tools::per_element());
  BOOST_TEST(g->text == "one two");
  BOOST_TEST(g->output_tokens == 3);
  BOOST_TEST((g->reason == finish_reason::stop));
}

BOOST_AUTO_TEST_CASE(a_stop_string_over_token_borders_ends_it) {
  answer a({"STOP"});
  BOOST_TEST(a.push("go ST"));
  BOOST_TEST(!a.push("OP on"));
  a.end(finish_reason::stop);
  BOOST_TEST(a.wait({}, time_point::max(), {})->text == "go ");
}

BOOST_AUTO_TEST_CASE(half_a_character_waits_for_its_other_half) {
  answer a({});
  a.push("\xe4\xbd");
  a.push("\xa0");
  a.push("\xe5\xa5");
  a.end(finish_reason::length);
  heard h;
  BOOST_REQUIRE(a.wait({}, time_point::max(), h.listener()));
  BOOST_TEST(h.pieces == (texts{"你", "\xef\xbf\xbd"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_error_is_the_answer) {
  answer a({});
  a.push("never mind");
  a.end(error{errc::overloaded, "too many"});
  const auto g = a.wait({}, time_point::max(), {});
  BOOST_REQUIRE(!g.has_value());
  BOOST_TEST((g.error().code == errc::overloaded));
}

BOOST_AUTO_TEST_CASE(at_the_deadline_what_is_there_is_given_and_nobody_is_waited_for) {
  answer a({"zz"});
  a.push("so far z");
  const auto g = a.wait({}, system_clock().now() - std::chrono::seconds(1), {});
  BOOST_REQUIRE(g.has_value());
  BOOST_TEST((g->reason == finish_reason::deadline));
  BOOST_TEST(g->text == "so far z");
  BOOST_TEST(!a.push("more"));
}

BOOST_AUTO_TEST_CASE(after_a_cancellation_nothing_is_given_any_more) {
  answer a({});
  a.push("one");
  a.push("two");
  std::stop_source stop;
  texts pieces;
  const auto g = a.wait(stop.get_token(), time_point::max(), [&](std::string_view text) {
    pieces.emplace_back(text);
    stop.request_stop();
  });
  BOOST_REQUIRE(g.has_value());
  BOOST_TEST((g->reason == finish_reason::cancelled));
  BOOST_TEST(pieces == texts{"one"}, boost::test_tools::per_element());
  BOOST_TEST(!a.push("three"));
}

BOOST_AUTO_TEST_CASE(a_cancellation_wakes_one_that_waits) {
  answer a({});
  std::stop_source stop;
  std::jthread other([&] { stop.request_stop(); });
  const auto g = a.wait(stop.get_token(), time_point::max(), {});
  BOOST_TEST((g->reason == finish_reason::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()
