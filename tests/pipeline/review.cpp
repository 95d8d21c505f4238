// Reviews in a store: the list of those that wait, and the order in which they expire.

#include "pipeline/review.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

review_record asked(std::string run, std::int64_t task, duration until) {
  return {std::move(run),
          "c",
          "owner",
          "review",
          task,
          time_point(1s),
          time_point(until),
          value(value::table{{"draft", "一个草稿"}, {"score", 0.5}, {"reasons", value()}})};
}

std::vector<std::string> runs_of(const result<std::vector<review_record>>& found) {
  BOOST_REQUIRE(found);
  std::vector<std::string> runs;
  for (const review_record& r : *found) runs.push_back(r.run);
  return runs;
}

using names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(reviews)

BOOST_AUTO_TEST_CASE(are_listed_while_they_wait_and_expire_in_their_order) {
  auto s = make_memory_store();
  for (const auto& r :
       {asked("b", 3, 30s), asked("a", 2, 20s), asked("a", 12, 40s), asked("ab", 1, 10s)})
    BOOST_REQUIRE(s->write(open_review(r), durability::synced));
  BOOST_TEST((runs_of(read_reviews(*s, "", 100)) == names{"a", "a", "ab", "b"}));
  BOOST_TEST((runs_of(read_reviews(*s, "", 2)) == names{"a", "a"}));
  BOOST_TEST((runs_of(read_reviews(*s, "a", 100)) == names{"ab", "b"}));
  const auto of_a = read_reviews_of(*s, "a");
  BOOST_TEST((runs_of(of_a) == names{"a", "a"}));
  BOOST_TEST((*of_a)[0].task == 2);
  BOOST_TEST((*of_a)[0].asked.find("draft")->as_text() == "一个草稿");

  BOOST_TEST((next_expiry(*s, time_point::min()) == time_point(10s)));
  BOOST_TEST((next_expiry(*s, time_point(20s)) == time_point(30s)));
  BOOST_TEST((*read_expired(*s, time_point(30s)) == names{"ab", "a", "b"}));
  BOOST_TEST(read_expired(*s, time_point(9s))->empty());

  BOOST_REQUIRE(s->write(close_review("ab", 1, time_point(10s)), durability::synced));
  BOOST_TEST((runs_of(read_reviews(*s, "", 100)) == names{"a", "a", "b"}));
  BOOST_TEST((next_expiry(*s, time_point::min()) == time_point(20s)));
}

BOOST_AUTO_TEST_CASE(are_read_back_whole_or_not_at_all) {
  const auto bytes = encode(asked("r", 7, 60s));
  const auto back = decode_review(bytes);
  BOOST_REQUIRE(back);
  BOOST_TEST(encode(*back) == bytes);
  for (std::size_t n = 0; n < bytes.size(); ++n) BOOST_TEST(!decode_review(bytes.substr(0, n)));
}

BOOST_AUTO_TEST_CASE(are_told_with_readable_times_and_without_what_is_not_there) {
  const value told = to_value(asked("r", 7, 60s));
  BOOST_TEST(
      told.to_text() ==
      R"({"run":"r","conversation":"c","stage":"review","task":7,"since":"1970-01-01T00:00:01Z",)"
      R"("expires":"1970-01-01T00:01:00Z","draft":"一个草稿","score":0.5})");
}

BOOST_AUTO_TEST_CASE(are_decided_into_the_ports_of_the_stage_whatever_their_order) {
  port_set ports;
  for (const char* name : {"verdict", "text", "extra", "comment", "reviewer"})
    ports.out.push_back({name, slot_type::any, false, {}});
  const frame instead{"expired", "draft", 1, "", ""};
  review_decision d{.run = "r", .what = verdict::approve, .comment = "好", .reviewer = "Li"};
  BOOST_TEST((decided_outputs(ports, instead, d) == frame{"approved", "draft", 1, "好", "Li"}));
  d.what = verdict::edit;
  d.text = "better";
  BOOST_TEST((decided_outputs(ports, instead, d) == frame{"edited", "better", 1, "好", "Li"}));
  BOOST_TEST((verdict_from_name("reject") == verdict::reject));
  BOOST_TEST(!verdict_from_name("rejected"));
}

BOOST_AUTO_TEST_SUITE_END()
