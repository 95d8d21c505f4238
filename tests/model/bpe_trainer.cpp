#include "model/bpe_trainer.hpp"
#include "model/lm_data.hpp"
#include "model/tokenizer.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace troupe {
namespace {

const std::vector<std::string> texts = {
    "Delivery takes three days, and delivery is free. Is delivery free?", "配送需要三天，配送免费。",
    "The deliveries are free on days like these.\n\nTwo lines, naïve café 🙂."};

std::shared_ptr<const tokenizer> learned(const bpe_training& options) {
  auto json = train_bpe(texts, options);
  BOOST_REQUIRE(json);
  auto words = parse_bpe_tokenizer(*json, "learned");
  BOOST_REQUIRE_MESSAGE(words, (words ? "" : words.error().message));
  return *words;
}

BOOST_AUTO_TEST_SUITE(bpe_training_of_our_own)

BOOST_AUTO_TEST_CASE(what_is_learned_is_read_by_the_tokenizer_and_loses_nothing) {
  const auto words = learned({.size = 320, .special = {"<|im_start|>", "<|im_end|>"}});
  for (const std::string& text : {texts[0], texts[1], texts[2],
                                 std::string("unseen 字 \xF0\x9F\x8E\xB2 words"), std::string()})
    BOOST_TEST(decode(*words, words->encode(text, control_tokens::as_text)) == text);
}

BOOST_AUTO_TEST_CASE(what_is_frequent_becomes_one_token) {
  const auto words = learned({.size = 400});
  BOOST_TEST(words->encode(" delivery", control_tokens::as_text).size() == 1u);
  BOOST_TEST(words->encode("配送", control_tokens::as_text).size() == 2u);  // one a character
  BOOST_TEST(words->encode(" xylophone", control_tokens::as_text).size() > 5u);
}

BOOST_AUTO_TEST_CASE(given_tokens_come_first_and_text_may_spell_the_added_ones_only) {
  const auto words = learned({.size = 300, .special = {"<|a|>"}, .added = {"⟦1⟧", "7"}});
  BOOST_TEST(*words->control("<|a|>") == 0);
  BOOST_TEST(*words->control("⟦1⟧") == 1);
  const auto ids = words->encode("⟦1⟧7<|a|>", control_tokens::as_text);
  BOOST_REQUIRE(ids.size() > 3);
  BOOST_TEST(ids[0] == 1);
  BOOST_TEST(ids[1] == 2);
  BOOST_TEST(ids[2] != 0);
}

BOOST_AUTO_TEST_CASE(the_same_texts_give_the_same_vocabulary) {
  BOOST_TEST(*train_bpe(texts, {.size = 350}) == *train_bpe(texts, {.size = 350}));
}

BOOST_AUTO_TEST_CASE(a_size_without_room_is_refused) {
  const auto none = train_bpe(texts, {.size = 256, .special = {"<|a|>"}});
  BOOST_REQUIRE(!none);
  BOOST_TEST(none.error().message == "a vocabulary of 256 has no room for 256 bytes and 1 tokens");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(batches)

BOOST_AUTO_TEST_CASE(every_sequence_comes_once_a_pass_and_no_batch_is_too_large) {
  std::vector<lm_sequence> sequences;
  for (std::size_t i = 0; i < 500; ++i)
    sequences.push_back({.ids = std::vector<token_id>(1 + i * 7 % 90, 0), .prompt = 1});
  batch_plan plan(sequences, 128, 3);
  std::vector<int> seen(sequences.size());
  for (std::size_t left = sequences.size(); left > 0;) {
    const auto batch = plan.next();
    BOOST_REQUIRE(!batch.empty());
    std::size_t longest = 0;
    for (std::size_t i : batch) {
      ++seen[i];
      longest = std::max(longest, sequences[i].ids.size());
    }
    BOOST_TEST((batch.size() == 1 || batch.size() * longest <= 128));
    left -= batch.size();
  }
  for (int n : seen) BOOST_TEST(n == 1);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_order) {
  std::vector<lm_sequence> sequences(40, lm_sequence{.ids = {1, 2, 3}, .prompt = 1});
  batch_plan a(sequences, 9, 7), b(sequences, 9, 7), c(sequences, 9, 8);
  bool differs = false;
  for (int i = 0; i < 30; ++i) {
    const auto batch = a.next();
    BOOST_TEST(batch == b.next());
    differs = differs || batch != c.next();
  }
  BOOST_TEST(differs);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace troupe
