#include "dsl/diagnostics.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

diagnostic finding(source_range at, std::string hint = "") {
  return {severity::error, "some-kind", "a message", at, std::move(hint)};
}

/// The source line and the caret line.
std::string excerpt(std::string_view text, source_range at) {
  std::string all = render(finding(at), "f.toml", text);
  return all.substr(all.find('\n') + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(diagnostics)

BOOST_AUTO_TEST_CASE(show_place_message_kind_source_and_hint) {
  BOOST_TEST(render(finding({2, 5, 8}, "do this"), "dir/f.toml", "one\nabc def ghi\nthree") ==
             "dir/f.toml:2:5: error: a message [some-kind]\n"
             "   2 | abc def ghi\n"
             "     |     ^~~\n"
             "hint: do this\n");
  BOOST_TEST(render(finding({}), "f.toml", "x") == "f.toml: error: a message [some-kind]\n");
}

BOOST_AUTO_TEST_CASE(put_the_caret_right_behind_wide_characters) {
  BOOST_TEST(excerpt("名 = \"订单\" # x", {1, 5, 9}) ==
             "   1 | 名 = \"订单\" # x\n"
             "     |      ^~~~~~\n");
  BOOST_TEST(excerpt("标点，。！x", {1, 6, 7}) ==
             "   1 | 标点，。！x\n"
             "     |           ^\n");
  BOOST_TEST(excerpt("e\xCC\x81 = 1", {1, 5, 6}) == "   1 | e\xCC\x81 = 1\n     |    ^\n");
}

BOOST_AUTO_TEST_CASE(put_the_caret_right_behind_tabs) {
  BOOST_TEST(excerpt("\ta\t= 1", {1, 4, 5}) == "   1 |     a   = 1\n     |         ^\n");
  BOOST_TEST(excerpt("好\t= 1", {1, 3, 4}) == "   1 | 好  = 1\n     |     ^\n");
}

BOOST_AUTO_TEST_CASE(survive_places_that_are_not_in_the_text) {
  BOOST_TEST(excerpt("ab", {1, 3, 9}) == "   1 | ab\n     |   ^\n");
  BOOST_TEST(excerpt("ab", {1, 90, 99}) == "   1 | ab\n     |   ^\n");
  BOOST_TEST(excerpt("ab", {7, 1, 2}) == "   7 | \n     | ^\n");
  BOOST_TEST(excerpt("ab\r\ncd\r\n", {1, 2, 4000000000}) == "   1 | ab\n     |  ^\n");
  BOOST_TEST(excerpt("abc", {1, 3, 1}) == "   1 | abc\n     |   ^\n");
}

BOOST_AUTO_TEST_CASE(let_no_file_steer_the_terminal) {
  std::string all = excerpt("a\x1b[31m\x07 = \xff\xe4", {1, 1, 2});
  BOOST_TEST(all.find('\x1b') == std::string::npos);
  BOOST_TEST(all.find('\xff') == std::string::npos);
  diagnostic d = finding({1, 1, 2}, "hint\x1b]0;x\nline");
  d.message = "\x1b[2J";
  std::string told = render(d, "f\x1b.toml", "x");
  BOOST_TEST(told.find('\x1b') == std::string::npos);
  BOOST_TEST(std::count(told.begin(), told.end(), '\n') == 4);
}

BOOST_AUTO_TEST_CASE(show_only_a_part_of_a_very_long_line) {
  std::string line(500'000, 'a');
  line[300'000] = '!';
  std::string all = excerpt(line, {1, 300'001, 300'002});
  BOOST_TEST(all.size() < 500u);
  std::size_t mark = all.find('!'), caret = all.find('^');
  std::size_t second_line = all.find('\n') + 1;
  // The ellipsis has 3 bytes and 1 column.
  BOOST_TEST(mark - 2 == caret - second_line);
}

BOOST_AUTO_TEST_CASE(come_in_order_and_once) {
  std::vector<diagnostic> found = {finding({3, 1, 2}), finding({1, 9, 10}), finding({1, 2, 3}),
                                   finding({3, 1, 2})};
  sort_by_place(found);
  BOOST_REQUIRE_EQUAL(found.size(), 3u);
  BOOST_TEST(found[0].at.column == 2u);
  BOOST_TEST(found[2].at.line == 3u);
  BOOST_TEST(has_errors(found));
  for (auto& d : found) d.level = severity::warning;
  BOOST_TEST(!has_errors(found));
  std::string told = render(found, "f.toml", "一\n二\n三");
  BOOST_TEST(told.find("f.toml:1:2: warning: ") == 0u);
  BOOST_TEST(told.find("\n\nf.toml:3:1: warning: ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(are_json_for_editors) {
  boost::json::value j = to_json({finding({2, 5, 8}, "试试")}, {{"f.toml", ""}});
  BOOST_REQUIRE_EQUAL(j.as_array().size(), 1u);
  const auto& o = j.as_array()[0].as_object();
  BOOST_TEST(o.at("file").as_string() == "f.toml");
  BOOST_TEST(o.at("line").to_number<int>() == 2);
  BOOST_TEST(o.at("column").to_number<int>() == 5);
  BOOST_TEST(o.at("end_column").to_number<int>() == 8);
  BOOST_TEST(o.at("severity").as_string() == "error");
  BOOST_TEST(o.at("kind").as_string() == "some-kind");
  BOOST_TEST(o.at("hint").as_string() == "试试");
}

BOOST_AUTO_TEST_SUITE_END()
