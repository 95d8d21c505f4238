// troupe sim as somebody uses it who wants to replay what was found.

#include "support/command_line.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe::test;

namespace {

struct simulated : command_line {
  std::string graph() const { return TROUPE_SOURCE_DIR "/tests/sim/graphs/everything.toml"; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_sim_command, simulated)

BOOST_AUTO_TEST_CASE(says_what_it_went_through) {
  const auto done = troupe({"sim", graph(), "--seeds", "20", "--json"});
  BOOST_TEST(done.code == 0);
  const auto said = boost::json::parse(done.out);
  BOOST_TEST(said.at("seeds").as_int64() == 20);
  BOOST_TEST(said.at("runs").as_int64() > 0);
  BOOST_TEST(said.at("broken").as_array().empty());
}

BOOST_AUTO_TEST_CASE(replays_a_seed_line_by_line) {
  const auto first = troupe({"sim", graph(), "--seed", "7", "--trace"});
  BOOST_TEST(first.code == 0);
  BOOST_TEST(first.out.find("the process starts") != std::string::npos);
  BOOST_TEST(first.out.find("digest") != std::string::npos);
  BOOST_TEST(troupe({"sim", graph(), "--seed", "7", "--trace"}).out == first.out);
  BOOST_TEST(troupe({"sim", graph(), "--seed", "8", "--trace"}).out != first.out);
}

BOOST_AUTO_TEST_CASE(takes_one_seed_or_many) {
  BOOST_TEST(troupe({"sim", graph(), "--seed", "1", "--seeds", "2"}).code == 2);
}

BOOST_AUTO_TEST_SUITE_END()
