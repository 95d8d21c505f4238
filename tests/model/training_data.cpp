#include "model/augment.hpp"
#include "model/encoder_training.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
namespace fs = std::filesystem;

namespace {

fs::path written(const std::string& name, const std::string& text) {
  const auto file = fs::temp_directory_path() / ("troupe_" + name);
  std::ofstream(file) << text;
  return file;
}

std::string joined(const std::vector<text_token>& tokens) {
  std::string out;
  for (auto& t : tokens) out += t.text + ' ';
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(training_data)

BOOST_AUTO_TEST_CASE(lines_are_label_tab_text_and_comments_and_repetitions_go) {
  const auto file = written("good.tsv", "# a comment\na\thello \n\nb\t你好\r\na\thello\n");
  const auto read = read_labelled({file});
  BOOST_REQUIRE(read.has_value());
  BOOST_REQUIRE(read->size() == 2);
  BOOST_TEST((*read)[0].text == "hello");
  BOOST_TEST((*read)[1].label == "b");
  BOOST_TEST((*read)[1].text == "你好");
}

BOOST_AUTO_TEST_CASE(a_line_without_a_tab_is_named) {
  const auto file = written("bad.tsv", "a\thello\nno tab here\n");
  const auto read = read_labelled({file});
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(read.error().message.find("troupe_bad.tsv`:2") != std::string::npos);
  BOOST_TEST((read_labelled({"/nowhere/x.tsv"}).error().code == errc::not_found));
  BOOST_TEST(!read_labelled({written("none.tsv", "# nothing\n")}).has_value());
}

BOOST_AUTO_TEST_CASE(augmentation_is_seeded_changes_words_and_never_empties_a_text) {
  const auto tokens = tokenise_text("please cancel the order for me");
  random_source a(7), b(7);
  const augment_options strong{.typos = 1, .word_dropout = 0.3};
  BOOST_TEST(joined(augment(tokens, strong, a)) == joined(augment(tokens, strong, b)));
  random_source c(1);
  BOOST_TEST(joined(augment(tokens, {}, c)) == joined(tokens));
  BOOST_TEST(joined(augment(tokens, {.typos = 1}, c)) != joined(tokens));
  for (int i = 0; i < 50; ++i) BOOST_TEST(augment(tokens, {.word_dropout = 1}, c).size() == 1u);
  BOOST_TEST(augment({}, strong, c).empty());
}

BOOST_AUTO_TEST_CASE(scores_are_those_counted_by_hand) {
  const std::vector<labelled_text> truth = {
      {"a", "1"}, {"a", "2"}, {"b", "3"}, {"b", "4"}, {"out_of_scope", "5"}, {"out_of_scope", "6"}};
  const std::vector<prediction> guesses = {
      {"a", 0.9}, {"b", 0.8}, {"b", 0.4}, {"b", 0.9}, {"out_of_scope", 0.3}, {"a", 0.2}};
  const eval_report r = score_predictions(truth, guesses, 0.5);
  BOOST_TEST(r.examples == 6);
  BOOST_TEST(r.accuracy == 4.0 / 6, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(r.in_scope_accuracy == 0.75);
  BOOST_TEST(r.accepted_accuracy == 0.5);
  BOOST_TEST(r.out_of_scope_recall == 1.0);
  BOOST_REQUIRE(r.labels.size() == 3);
  BOOST_TEST(r.labels[0].precision == 0.5);
  BOOST_TEST(r.labels[0].recall == 0.5);
  BOOST_TEST(r.labels[1].precision == 2.0 / 3, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(r.macro_f1 == (0.5 + 0.8 + 2.0 / 3) / 3, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(r.confusions.size() == 2u);
  BOOST_TEST(r.mistakes.front().text == "2");
  BOOST_TEST(r.calibration_error == (0.2 + 0.8 + 0.6 + 0.7 + 0.2) / 6,
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(ranks_add_up_to_parts_and_a_mean_of_their_inverses) {
  const auto score = score_ranks({1, 1, 2, 4});
  BOOST_TEST(score.top1 == 0.5);
  BOOST_TEST(score.top3 == 0.75);
  BOOST_TEST(score.mrr == (1 + 1 + 0.5 + 0.25) / 4, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(score_ranks({}).mrr == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
