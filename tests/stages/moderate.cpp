#include "support/stage_harness.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

struct with_moderated {
  test::temporary_folder folder;
  stage_services services;
  value::table with = {{"lists", value::list{"words.txt"}}};

  with_moderated() {
    services.base = folder.path();
    write("# insults\nidiot\n[crime]\n杀人\n");
  }
  void write(const std::string& list) { std::ofstream(folder.path() / "words.txt") << list; }
  value moderated(const std::string& text) {
    auto out = stage_harness("moderate", with, services).run({{"text", text}});
    BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
    return *out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(moderate_stage, with_moderated)

BOOST_AUTO_TEST_CASE(a_clean_text_goes_through_as_it_is) {
  auto out = moderated("A fine text，一切正常。\n");
  BOOST_TEST(text_at(out, "text") == "A fine text，一切正常。\n");
  BOOST_TEST(text_at(out, "flagged") == "false");
  BOOST_TEST(text_at(out, "matches") == "[]");
}

BOOST_AUTO_TEST_CASE(listed_words_are_masked_and_told) {
  auto out = moderated("电影：杀\u200B人，you 1d1ot");
  BOOST_TEST(text_at(out, "text") == "电影：**，you *****");
  BOOST_TEST(text_at(out, "flagged") == "true");
  BOOST_TEST(text_at(out, "matches") ==
             "[{\"word\":\"杀人\",\"category\":\"crime\",\"found\":\"杀\u200B人\",\"at\":3,"
             "\"length\":3},{\"word\":\"idiot\",\"category\":\"\",\"found\":\"1d1ot\",\"at\":11,"
             "\"length\":5}]");
}

BOOST_AUTO_TEST_CASE(the_mask_may_be_another_or_nothing) {
  with.emplace_back("mask", "█");
  BOOST_TEST(text_at(moderated("idiot!"), "text") == "█████!");
  with.back().second = value("");
  BOOST_TEST(text_at(moderated("an idiot!"), "text") == "an !");
}

BOOST_AUTO_TEST_CASE(a_refused_text_is_replaced_in_its_language) {
  with.emplace_back("action", "refuse");
  BOOST_TEST(text_at(moderated("What an idiot."), "text") ==
             "This text was withheld because of the words in it.");
  BOOST_TEST(text_at(moderated("他杀人了"), "text") == "该内容因含有不当词语，未予显示。");
  BOOST_TEST(text_at(moderated("他走了"), "text") == "他走了");
  with.emplace_back("refusal", "No.");
  BOOST_TEST(text_at(moderated("idiot"), "text") == "No.");
}

BOOST_AUTO_TEST_CASE(mistakes_in_lists_are_found_before_the_first_run) {
  write("fine\n!!\n");
  auto opened = stage_harness("moderate", with, services).open();
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().message.find("words.txt:2: `!!`") != std::string::npos);
  BOOST_TEST(!stage_harness("moderate", {}, services).open());
  BOOST_TEST(!stage_harness("moderate", {{"lists", value::list{"no.txt"}}}, services).open());
}

BOOST_AUTO_TEST_CASE(nasty_texts_go_through) {
  for (const auto& text : test::nasty_texts())
    BOOST_TEST(text_at(moderated(text), "flagged") == "false");
}

BOOST_AUTO_TEST_SUITE_END()
