#include "model/answer_kind.hpp"

#include "model/delexicaliser.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace troupe {
namespace {

/// The numbers of the sentences that may answer.
std::string left(const std::string& question, const std::vector<std::string_view>& sentences) {
  const shared_words words(question, sentences, 12);
  const auto out = cannot_answer(question, sentences, words);
  std::string text;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!out[i]) text += std::to_string(i + 1);
  return text;
}

const std::vector<std::string_view> shop = {
    "Lost your way?",     "The shop sells kettles of 2.4 kg.", "A kettle costs €37.",
    "We open at 9:00.",   "Dial 555-0177 for help.",           "They boil in three minutes.",
    "Ask for Mara Holm.", "Water of 80 degrees is enough."};
const std::vector<std::string_view> store = {"水壶重2公斤。",  "每把卖85元。",
                                             "早上9点开门。",  "有问题请拨555-0177。",
                                             "三分钟就烧开。", "80度的水就够。"};

BOOST_AUTO_TEST_SUITE(kinds_of_answers)

BOOST_AUTO_TEST_CASE(what_is_asked_for_must_be_in_the_sentence) {
  BOOST_TEST(left("How much is a kettle?", shop) == "3");
  BOOST_TEST(left("How heavy is it?", shop) == "2");
  BOOST_TEST(left("what number do I ring", shop) == "5");
  BOOST_TEST(left("How long until it boils?", shop) == "6");
  BOOST_TEST(left("How hot must the water be?", shop) == "8");
  BOOST_TEST(left("水壶多少钱", store) == "2");
  BOOST_TEST(left("水壶多重？", store) == "1");
  BOOST_TEST(left("打什么电话？", store) == "4");
  BOOST_TEST(left("多久能烧开？", store) == "5");
  BOOST_TEST(left("水要几度？", store) == "6");
}

BOOST_AUTO_TEST_CASE(a_question_for_nothing_in_particular_leaves_everything) {
  BOOST_TEST(left("What do you sell?", shop) == "12345678");
  BOOST_TEST(left("你们卖什么", store) == "123456");
  BOOST_TEST(left("", shop) == "12345678");
}

BOOST_AUTO_TEST_CASE(where_no_sentence_has_it_everything_is_left) {
  BOOST_TEST(left("How far is the station?", shop) == "12345678");
  BOOST_TEST(left("What does it cost?", {"It is large.", "It is old."}) == "12");
}

BOOST_AUTO_TEST_CASE(a_question_for_a_time_may_be_answered_without_one) {
  const std::vector<std::string_view> rules = {"You may cancel as long as it is not packed.",
                                               "A letter follows within 15 minutes."};
  BOOST_TEST(left("When can I cancel?", rules) == "12");
  BOOST_TEST(left("When does the letter come?", rules) == "2");
}

BOOST_AUTO_TEST_CASE(a_sentence_that_cannot_answer_may_not_be_quoted) {
  const delexicaliser d(*parse_prompt_format(R"({"format": "delexicalised", "parts": [
    {"name": "question", "role": "asks", "labels": ["question"]},
    {"name": "text", "role": "sentences", "labels": ["passage"]}]})",
                                             "test"));
  const auto prompt =
      d.read("passage: A kettle costs ¥8. We open at 9.\nquestion: What does it cost?");
  const auto banned = delexicaliser::banned(prompt);
  BOOST_TEST((std::ranges::find(banned, "⟦2⟧") != banned.end()));
  BOOST_TEST((std::ranges::find(banned, "⟦1⟧") == banned.end()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace troupe
