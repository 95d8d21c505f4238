#include "model/kv_blocks.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

using tokens = std::vector<token_id>;

}  // namespace

BOOST_AUTO_TEST_SUITE(kv_block_lists)

BOOST_AUTO_TEST_CASE(a_beginning_is_found_block_by_block) {
  kv_blocks blocks(4, 2);
  const auto first = blocks.take(), second = blocks.take();
  blocks.name(first, no_block, tokens{1, 2});
  blocks.name(second, first, tokens{3, 4});
  BOOST_TEST(blocks.share(no_block, tokens{1, 2}) == first);
  BOOST_TEST(blocks.share(first, tokens{3, 4}) == second);
  BOOST_TEST(blocks.share(first, tokens{3, 5}) == no_block);
  BOOST_TEST(blocks.share(no_block, tokens{3, 4}) == no_block);
  BOOST_TEST(blocks.users(first) == 2);
  BOOST_TEST(blocks.available() == 2);
}

BOOST_AUTO_TEST_CASE(what_nobody_uses_is_remembered_until_its_block_is_needed) {
  kv_blocks blocks(2, 2);
  const auto first = blocks.take(), second = blocks.take();
  blocks.name(first, no_block, tokens{1, 2});
  blocks.name(second, first, tokens{3, 4});
  blocks.give_back(second);
  blocks.give_back(first);
  BOOST_TEST(blocks.available() == 2);
  BOOST_TEST(blocks.share(no_block, tokens{1, 2}) == first);
  blocks.give_back(first);
  // The end of a sequence goes before its beginning.
  BOOST_TEST(blocks.take() == second);
  BOOST_TEST(blocks.share(no_block, tokens{1, 2}) == first);
  BOOST_TEST(blocks.share(first, tokens{3, 4}) == no_block);
}

BOOST_AUTO_TEST_CASE(two_that_computed_the_same_are_followed_by_the_same) {
  kv_blocks blocks(4, 2);
  const auto one = blocks.take(), other = blocks.take(), next = blocks.take();
  blocks.name(one, no_block, tokens{1, 2});
  blocks.name(other, no_block, tokens{1, 2});
  BOOST_TEST(blocks.content(one) == blocks.content(other));
  blocks.name(next, other, tokens{3, 4});
  BOOST_TEST(blocks.share(one, tokens{3, 4}) == next);
}

BOOST_AUTO_TEST_CASE(a_block_without_a_known_content_has_no_followers) {
  kv_blocks blocks(3, 2);
  const auto nameless = blocks.take(), next = blocks.take();
  blocks.name(next, nameless, tokens{1, 2});
  BOOST_TEST(blocks.content(next) == 0u);
  BOOST_TEST(blocks.share(nameless, tokens{1, 2}) == no_block);
  BOOST_TEST(blocks.share(no_block, tokens{1, 2}) == no_block);
}

BOOST_AUTO_TEST_SUITE_END()
