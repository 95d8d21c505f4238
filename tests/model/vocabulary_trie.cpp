#include "model/vocabulary_trie.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

class listed_words final : public tokenizer {
 public:
  explicit listed_words(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}

  std::int64_t size() const noexcept override { return std::ssize(pieces_); }
  std::vector<token_id> encode(std::string_view, control_tokens) const override { return {}; }
  std::vector<token_id> opening() const override { return {}; }
  std::string piece(token_id, token_id id) const override {
    return pieces_[static_cast<std::size_t>(id)];
  }
  std::optional<token_id> control(std::string_view) const override { return std::nullopt; }

 private:
  std::vector<std::string> pieces_;
};

json_vocabulary vocabulary(std::vector<std::string> pieces) {
  return json_vocabulary(std::make_shared<const listed_words>(std::move(pieces)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_vocabulary)

BOOST_AUTO_TEST_CASE(cuts_a_text_into_the_fewest_tokens_even_if_the_first_could_be_longer) {
  const auto words = vocabulary({"ab", "abc", "cdef", "d", "e", "f"});
  BOOST_TEST(words.cut("abcdef") == (std::vector<token_id>{0, 2}));
  BOOST_TEST(words.cut("abcd") == (std::vector<token_id>{1, 3}));
}

BOOST_AUTO_TEST_CASE(prefers_the_longer_first_token_of_cuts_of_one_length) {
  BOOST_TEST(vocabulary({"a", "bc", "ab", "c"}).cut("abc") == (std::vector<token_id>{2, 3}));
}

BOOST_AUTO_TEST_CASE(has_no_cut_for_what_its_tokens_cannot_write) {
  const auto words = vocabulary({"ab", "abc"});
  BOOST_TEST(words.cut("abd").empty());
  BOOST_TEST(words.cut("x").empty());
  BOOST_TEST(words.cut("").empty());
}

BOOST_AUTO_TEST_SUITE_END()
