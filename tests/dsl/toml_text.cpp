#include "dsl/toml_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;

namespace {

/// The characters of `text` that lie in `at`, which is on one line.
std::string cut(std::string_view text, const source_range& at) {
  for (std::uint32_t line = 1; line < at.line; ++line) text.remove_prefix(text.find('\n') + 1);
  std::string out;
  std::uint32_t column = 0;
  for (char c : text) {
    if (c == '\n') break;
    if ((c & 0xC0) != 0x80) ++column;
    if (column >= at.column && column < at.end_column) out += c;
  }
  return out;
}

std::string cut_at(std::string_view text, source_range literal, std::size_t offset,
                   std::size_t length) {
  return cut(text, inside_string(text, literal, offset, length));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(places_inside_strings)

BOOST_AUTO_TEST_CASE(count_characters_where_the_content_counts_bytes) {
  // "退款" has 6 bytes and 2 characters.
  BOOST_TEST(cut_at("when = \"退款 == x\"", {1, 8, 15}, 10, 1) == "x");
  BOOST_TEST(cut_at("when = '退款 == x'", {1, 8, 15}, 0, 6) == "退款");
  BOOST_TEST(inside_string("when = '退款 == x'", {1, 8, 15}, 10, 1).column == 15u);
}

BOOST_AUTO_TEST_CASE(see_through_escapes) {
  std::string_view text = R"(w = "a\"b\\c\u9000\U00006b3ed\n!")";
  // content: a " b \ c 退 款 d newline !
  BOOST_TEST(cut_at(text, {1, 5, 6}, 1, 1) == R"(\")");
  BOOST_TEST(cut_at(text, {1, 5, 6}, 2, 1) == "b");
  BOOST_TEST(cut_at(text, {1, 5, 6}, 3, 1) == R"(\\)");
  BOOST_TEST(cut_at(text, {1, 5, 6}, 5, 3) == R"(\u9000)");
  BOOST_TEST(cut_at(text, {1, 5, 6}, 8, 3) == R"(\U00006b3e)");
  BOOST_TEST(cut_at(text, {1, 5, 6}, 11, 1) == "d");
  BOOST_TEST(cut_at(text, {1, 5, 6}, 13, 1) == "!");
}

BOOST_AUTO_TEST_CASE(leave_backslashes_of_literal_strings_alone) {
  BOOST_TEST(cut_at(R"(w = 'a\"b')", {1, 5, 6}, 3, 1) == "b");
}

BOOST_AUTO_TEST_CASE(follow_multi_line_strings) {
  std::string_view text = "# 注释\nw = \"\"\"\nfirst\n  第二 x\\\n   tail\"\"\"\n";
  // content: first\n  第二 xtail
  source_range second = inside_string(text, {2, 5, 6}, 8, 6);
  BOOST_TEST(second.line == 4u);
  BOOST_TEST(second.column == 3u);
  BOOST_TEST(cut(text, second) == "第二");
  source_range tail = inside_string(text, {2, 5, 6}, 16, 4);
  BOOST_TEST(tail.line == 5u);
  BOOST_TEST(cut(text, tail) == "tail");
}

BOOST_AUTO_TEST_CASE(stop_at_the_end_of_the_line_and_of_the_string) {
  std::string_view text = "w = '''ab\ncd'''";
  BOOST_TEST(cut_at(text, {1, 5, 6}, 0, 5) == "ab");
  source_range beyond = inside_string("w = 'ab' # x", {1, 5, 6}, 99, 3);
  BOOST_TEST(beyond.column == 8u);
}

BOOST_AUTO_TEST_CASE(give_back_what_is_no_string) {
  source_range at{1, 5, 7};
  BOOST_TEST(inside_string("w = 12", at, 3, 1).column == 5u);
  BOOST_TEST(!inside_string("w = 12", {}, 3, 1).known());
  BOOST_TEST(inside_string("w", {7, 1, 2}, 0, 1).line == 7u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(nesting)

BOOST_AUTO_TEST_CASE(is_limited_for_brackets_and_dotted_keys) {
  BOOST_TEST(!too_deep("a = [[1, [2]], { b.c.d = 3.5 }]\n[x.y.z]\n"));
  auto brackets = too_deep("a = " + std::string(100, '['));
  BOOST_REQUIRE(brackets);
  BOOST_TEST(brackets->column == 4u + 65u);
  std::string dotted = "# 注释\na";
  for (int i = 0; i < 100; ++i) dotted += ".a";
  auto dots = too_deep(dotted + " = 1");
  BOOST_REQUIRE(dots);
  BOOST_TEST(dots->line == 2u);
}

BOOST_AUTO_TEST_CASE(does_not_mind_what_stands_in_texts_and_comments) {
  std::string many(200, '[');
  std::string dots(200, '.');
  BOOST_TEST(!too_deep("a = \"" + many + dots + "\"\n"));
  BOOST_TEST(!too_deep("a = \"\\\"" + many + "\"\n"));
  BOOST_TEST(!too_deep("a = '" + many + "\\'\n"));
  BOOST_TEST(!too_deep("a = '''\n" + many + "'\n''" + many + "'''\n"));
  BOOST_TEST(!too_deep("a = \"\"\"" + many + "\n\\\"\"\"" + dots + "\"\"\"\"\"\n"));
  BOOST_TEST(!too_deep("# " + many + dots));
  BOOST_TEST(too_deep("a = 'x' # y\nb = " + many).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
