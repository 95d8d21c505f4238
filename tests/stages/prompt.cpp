#include "actors/stages/prompt.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe;
using stages::prompt;

namespace {

std::string rendered(std::string_view text, const value::table& slots) {
  auto parsed = prompt::parse(text);
  if (!parsed) return "parse: " + parsed.error().message;
  auto out = parsed->render(slots);
  return out ? *out : "render: " + out.error().message;
}

std::string parse_error(std::string_view text) {
  auto parsed = prompt::parse(text);
  return parsed ? "none" : parsed.error().message;
}

const value::table shop = from_json(boost::json::parse(R"({
      "name": "小明", "n": 3, "price": 9.5,
      "order": {"id": "ORD-1", "city": {"zh": "杭州"}},
      "passages": [{"text": "first"}, {"text": "第二"}]
    })"))
                              .as_table();

}  // namespace

BOOST_AUTO_TEST_SUITE(prompt_templates)

BOOST_AUTO_TEST_CASE(slots_are_put_in) {
  BOOST_TEST(rendered("Hello {name}, {n} × {price}", shop) == "Hello 小明, 3 × 9.5");
  BOOST_TEST(rendered("", shop) == "");
  BOOST_TEST(rendered("没有空位", shop) == "没有空位");
}

BOOST_AUTO_TEST_CASE(doubled_braces_are_braces) {
  BOOST_TEST(rendered("{{\"id\": \"{order.id}\"}}", shop) == "{\"id\": \"ORD-1\"}");
  BOOST_TEST(rendered("{{name}}", shop) == "{name}");
  BOOST_TEST(rendered("{{{name}}}", shop) == "{小明}");
}

BOOST_AUTO_TEST_CASE(dots_lead_into_tables_and_lists) {
  BOOST_TEST(rendered("{order.city.zh}", shop) == "杭州");
  BOOST_TEST(rendered("{passages.1.text}{passages.0.text}", shop) == "第二first");
}

BOOST_AUTO_TEST_CASE(a_value_is_not_a_template) {
  BOOST_TEST(rendered("{x}", {{"x", "{name} {{"}, {"name", "no"}}) == "{name} {{");
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named) {
  for (auto text : {"{nobody}", "{order.nothing}", "{passages.2.text}", "{name.first}",
                    "{passages.text}", "{order.city.zh.x}"}) {
    auto out = rendered(text, shop);
    std::string name(std::string_view(text).substr(1, std::string_view(text).size() - 2));
    BOOST_TEST(out.find("render: `" + name + "` is missing") == 0, out);
  }
}

BOOST_AUTO_TEST_CASE(an_optional_placeholder_may_be_missing) {
  BOOST_TEST(rendered("[{nobody?}][{order.x?}][{name?}]", shop) == "[][][小明]");
}

BOOST_AUTO_TEST_CASE(broken_templates_say_where) {
  BOOST_TEST(parse_error("ab {name").find("at character 4") != std::string::npos);
  BOOST_TEST(parse_error("ab } c").find("`}` without `{`") == 0);
  BOOST_TEST(parse_error("{}").find("does not name a slot") != std::string::npos);
  BOOST_TEST(parse_error("{a b}").find("`{a b}`") == 0);
  BOOST_TEST(parse_error("{0}").find("`{0}`") == 0);
  BOOST_TEST(parse_error("{a..b}").find("`{a..b}`") == 0);
  BOOST_TEST(parse_error("{a{b}}").find("`{` without `}`") == 0);
  BOOST_TEST(parse_error("{\"json\": 1}").find("write `{{`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ports_are_the_slots_once_each) {
  auto ports = prompt::parse("{b} {a.x?} {b.y} {a} {c?}")->ports();
  BOOST_REQUIRE(ports.size() == 3);
  BOOST_TEST(ports[0].name == "b");
  BOOST_TEST(ports[1].name == "a");
  BOOST_TEST(!ports[1].optional);
  BOOST_TEST(ports[2].name == "c");
  BOOST_TEST(ports[2].optional);
}

BOOST_AUTO_TEST_CASE(a_list_is_put_in_line_by_line) {
  const value::table facts = {{"facts", value::list{"costs 20", 7, "a\nb", " "}},
                              {"none", value::list{}},
                              {"text", "one\n\ntwo\n"}};
  BOOST_TEST(rendered("brief: {facts:- }!", facts) == "brief: - costs 20\n- 7\n- a b!");
  BOOST_TEST(rendered("[{none:- }][{nobody?:- }]", facts) == "[][]");
  BOOST_TEST(rendered("{text:* }", facts) == "* one\n* two");
  BOOST_TEST(rendered("{facts:}", facts) == "costs 20\n7\na b");
  BOOST_TEST(rendered("{nobody:- }", facts).find("render: `nobody` is missing") == 0u);
  auto ports = prompt::parse("{facts?:- }")->ports();
  BOOST_REQUIRE(ports.size() == 1u);
  BOOST_TEST(ports[0].name == "facts");
  BOOST_TEST(ports[0].optional);
}

BOOST_AUTO_TEST_CASE(a_lone_placeholder_keeps_its_type) {
  auto number = prompt::parse("{n}")->render_value(shop);
  BOOST_TEST((*number == value(3)));
  auto text = prompt::parse("{n} ")->render_value(shop);
  BOOST_TEST((*text == value("3 ")));
  auto lines = prompt::parse("{passages:- }")->render_value(shop);
  BOOST_TEST((lines->type() == slot_type::text));
}

BOOST_AUTO_TEST_CASE(an_encoder_sees_values_only) {
  auto out = prompt::parse("a b {name}")->render(shop, [](std::string_view name, std::string text) {
    return result<std::string>("<" + std::string(name) + "=" + text + ">");
  });
  BOOST_TEST(*out == "a b <name=小明>");
}

BOOST_AUTO_TEST_SUITE_END()
