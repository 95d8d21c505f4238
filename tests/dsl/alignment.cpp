#include "dsl/alignment.hpp"

#include <boost/test/unit_test.hpp>

#include <rapidcheck.h>

using namespace troupe;

namespace {

using lines = std::vector<std::string>;

expected_part one(std::string text) { return {{std::move(text)}, false}; }
const expected_part gap{{}, true};

lines shown(const std::vector<expected_part>& expected, const lines& found) {
  return render(align(expected, found));
}
bool fits(const std::vector<expected_part>& expected, const lines& found) {
  return all_match(align(expected, found));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_alignment)

BOOST_AUTO_TEST_CASE(shows_what_is_missing_and_what_is_too_much) {
  BOOST_TEST(
      shown({one("a"), one("b"), one("d")}, {"a", "c", "d"}) == (lines{"  a", "- b", "+ c", "  d"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(leaves_out_long_stretches_that_are_alike) {
  std::vector<expected_part> expected;
  lines found;
  for (int i = 0; i < 9; ++i) {
    found.push_back(std::to_string(i));
    expected.push_back(one(found.back()));
  }
  found.back() = "neun";
  BOOST_TEST(shown(expected, found) == (lines{"  …", "  6", "  7", "- 8", "+ neun"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lets_anything_stand_where_anything_may) {
  BOOST_TEST(fits({one("a"), gap, one("z")}, {"a", "b", "a", "z"}));
  BOOST_TEST(fits({gap}, {}));
  BOOST_TEST(fits({gap, one("z")}, {"z"}));
  BOOST_TEST(!fits({one("a"), gap, one("z")}, {"a", "b"}));
  BOOST_TEST(!fits({}, {"a"}));
}

BOOST_AUTO_TEST_CASE(takes_some_lines_in_any_order) {
  const expected_part either{{"place", "music"}, false};
  BOOST_TEST(fits({one("a"), either, one("z")}, {"a", "music", "place", "z"}));
  BOOST_TEST(!fits({one("a"), either, one("z")}, {"a", "music", "music", "z"}));
}

BOOST_AUTO_TEST_CASE(costs_no_more_than_putting_one_below_the_other) {
  rc::check("lines of both sides are all there, and equal texts match", [] {
    const auto text = rc::gen::container<lines>(rc::gen::elementOf(lines{"a", "b", "c"}));
    const lines wanted = *text, found = *text;
    std::vector<expected_part> parts;
    for (const auto& line : wanted) parts.push_back(one(line));
    lines left, right;
    for (const aligned_line& l : align(parts, found)) {
      if (l.what != aligned_line::kind::unexpected) left.push_back(l.text);
      if (l.what != aligned_line::kind::missing) right.push_back(l.text);
    }
    RC_ASSERT(left == wanted);
    RC_ASSERT(right == found);
    RC_ASSERT(fits(parts, found) == (wanted == found));
  });
}

BOOST_AUTO_TEST_SUITE_END()
