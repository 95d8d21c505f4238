#include "dsl/template_text.hpp"

#include "actors/stages/builtin.hpp"
#include "dsl/load.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace troupe;

namespace {

/// Each hole as "path", with `?` if it is optional, and where it stands.
std::string holes_shown(std::string_view text) {
  std::string out;
  for (const template_hole& h : holes_in(text))
    out += std::string(h.path) + (h.optional ? "?" : "") + "@" + std::to_string(h.at) + "+" +
           std::to_string(h.length) + " ";
  return out;
}

/// What the real stages' templates are told, each finding as "column kind".
std::string told(std::string_view stage) {
  static const registry all = [] {
    registry r;
    add_builtin_stages(r);
    return r;
  }();
  const loaded l = load_graph_text(
      "[graph]\nname = \"t\"\nstart = \"a\"\noutput = \"text\"\n"
      "[input]\ntext = \"text\"\norder = \"table\"\n[stage.a]\n" +
          std::string(stage) + "\n",
      "t.toml", all);
  std::string out;
  for (const diagnostic& d : l.diagnostics)
    if (d.kind != "unused-slot") out += std::to_string(d.at.column) + " " + d.kind + " ";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(holes_of_templates)

BOOST_AUTO_TEST_CASE(are_found_with_their_paths_and_marks) {
  BOOST_TEST(holes_shown("") == "");
  BOOST_TEST(holes_shown("a {b} {c.0.d?}{e?:- }{f:}") == "b@2+3 c.0.d?@6+8 e?@14+7 f@21+4 ");
  BOOST_TEST(holes_in("{c.0.d}")[0].slot() == "c");
  BOOST_TEST(holes_in("{c.0.d}")[0].has_keys());
  BOOST_TEST(!holes_in("{c}")[0].has_keys());
}

BOOST_AUTO_TEST_CASE(are_not_in_doubled_or_open_braces) {
  BOOST_TEST(holes_shown("{{a}} }} {{{b}}}") == "b@11+3 ");
  BOOST_TEST(holes_shown("{a") == "");
  BOOST_TEST(holes_shown("{a {b}") == "b@3+3 ");
}

BOOST_AUTO_TEST_CASE(take_no_key_of_a_text_in_any_template_of_a_stage) {
  BOOST_TEST(told("use = \"template\"\nwith = { template = \"{text}{order.id}{{text.0}}\" }") ==
             "");
  BOOST_TEST(told("use = \"template\"\nwith = { template = \"{text.0}\" }") == "22 type-mismatch ");
  BOOST_TEST(told("use = \"template\"\nwith = { template = \"{text.0?}\" }") == "");
  BOOST_TEST(told("use = \"http\"\nwith = { url = \"http://h/{text.a}\" }") == "26 type-mismatch ");
  BOOST_TEST(
      told("use = \"http\"\nwith = { url = \"http://h/\", json = { a = [\"{text.a}\"] } }") ==
      "44 type-mismatch ");
}

BOOST_AUTO_TEST_CASE(may_be_missing_but_not_always) {
  BOOST_TEST(told("use = \"template\"\nwith = { template = \"{order?}\" }") == "");
  BOOST_TEST(told("use = \"template\"\nwith = { template = \"{odrer?:}\" }") ==
             "22 never-written ");
  BOOST_TEST(told("use = \"template\"\nwith = { template = \"{{odrer?}}\" }") == "");
}

BOOST_AUTO_TEST_SUITE_END()
