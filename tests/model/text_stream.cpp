#include "model/text_stream.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

/// All pieces of `text` cut at every byte, joined with `|`.
std::string byte_by_byte(text_stream s, std::string_view text) {
  std::string out;
  for (char c : text)
    if (auto piece = s.push({&c, 1}); !piece.empty()) out += piece + '|';
  return out + s.finish();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(text_streams)

BOOST_AUTO_TEST_CASE(characters_come_whole) {
  BOOST_TEST(byte_by_byte(text_stream({}), "a你😀") == "a|你|😀|");
}

BOOST_AUTO_TEST_CASE(a_stop_string_never_appears_however_it_is_cut) {
  BOOST_TEST(byte_by_byte(text_stream({"STOP"}), "abSTOPcd") == "a|b|");
  text_stream s({"结束", "END"});
  BOOST_TEST(s.push("好的结") == "好的");
  BOOST_TEST(s.push("束了") == "");
  BOOST_TEST(s.stopped());
  BOOST_TEST(s.push("more") == "");
  BOOST_TEST(s.finish() == "");
}

BOOST_AUTO_TEST_CASE(what_only_looked_like_a_stop_string_is_released) {
  text_stream s({"STOP"});
  BOOST_TEST(s.push("aST") == "a");
  BOOST_TEST(s.push("AR") == "STAR");
  BOOST_TEST(s.push("STO") == "");
  BOOST_TEST(s.finish() == "STO");
  BOOST_TEST(!s.stopped());
  BOOST_TEST(byte_by_byte(text_stream({"aab"}), "aaab") == "a|");
}

BOOST_AUTO_TEST_CASE(the_earliest_of_several_stop_strings_counts) {
  text_stream s({"world", "lo w", ""});
  BOOST_TEST(s.push("hello world") == "hel");
  BOOST_TEST(s.stopped());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_become_the_replacement_character) {
  text_stream s({});
  BOOST_TEST(s.push("a\xff"
                    "b") ==
             "a\xEF\xBF\xBD"
             "b");
  BOOST_TEST(s.push("\xe4\xbd") == "");
  BOOST_TEST(s.push("x") == "\xEF\xBF\xBD\xEF\xBF\xBDx");
  BOOST_TEST(s.push("\xf0\x9f") == "");
  BOOST_TEST(s.finish() == "\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_SUITE_END()
