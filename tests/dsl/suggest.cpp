#include "dsl/suggest.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

BOOST_AUTO_TEST_SUITE(suggestions)

BOOST_AUTO_TEST_CASE(count_a_swap_of_neighbours_as_one_edit) {
  BOOST_TEST(edit_distance("intent", "intent") == 0u);
  BOOST_TEST(edit_distance("intnet", "intent") == 1u);
  BOOST_TEST(edit_distance("inten", "intent") == 1u);
  BOOST_TEST(edit_distance("intents", "intent") == 1u);
  BOOST_TEST(edit_distance("imtent", "intent") == 1u);
  BOOST_TEST(edit_distance("Intent", "intent") == 0u);
  BOOST_TEST(edit_distance("", "abc") == 3u);
  BOOST_TEST(edit_distance("ca", "abc") == 3u);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
}

BOOST_AUTO_TEST_CASE(name_the_nearest_and_nothing_far_off) {
  std::vector<std::string> stages = {"intent", "context", "content", "generate"};
  BOOST_TEST(nearest_name("intnet", stages) == "intent");
  BOOST_TEST(nearest_name("contnt", stages) == "content");
  BOOST_TEST(nearest_name("contet", stages) == "context");
  BOOST_TEST(nearest_name("xyz", stages) == "");
  BOOST_TEST(nearest_name("", stages) == "");
  BOOST_TEST(nearest_name("a", {"b"}) == "");
  BOOST_TEST(nearest_name(std::string(1'000'000, 'x'), stages) == "");
}

BOOST_AUTO_TEST_CASE(list_the_candidates_when_none_is_near_and_they_are_few) {
  BOOST_TEST(suggest("labl", {"label", "text"}) == "did you mean `label`?");
  BOOST_TEST(suggest("标签", {"label", "text"}) == "there are `label`, `text`");
  BOOST_TEST(suggest("xyz", {"label"}) == "there is only `label`");
  BOOST_TEST(suggest("xyz", {}) == "");
  BOOST_TEST(suggest("xyz", std::vector<std::string>(9, "label")) == "");
}

BOOST_AUTO_TEST_SUITE_END()
