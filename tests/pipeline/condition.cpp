#include "pipeline/condition.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

namespace {

using namespace troupe;
using names = std::vector<std::string>;

/// Slots by name, as a graph would hold them.
struct with_slots {
  std::map<std::string, std::pair<slot_type, value>> slots = {
      {"label", {slot_type::text, "refund"}},
      {"question", {slot_type::text, "我的订单到哪里了"}},
      {"score", {slot_type::floating, 0.75}},
      {"count", {slot_type::integer, 3}},
      {"flagged", {slot_type::boolean, false}},
      {"tags", {slot_type::list, value::list{"vip", "退款", 7}}},
      {"entities",
       {slot_type::table,
        value::table{{"order_id", "A-1"}, {"amount", 12.5}, {"订单", "A-2"}, {"vip", true}}}},
      {"absent", {slot_type::text, value()}},
  };

  condition parse(std::string_view text) const {
    auto [c, problems] = condition::parse(text);
    if (!problems.empty()) BOOST_FAIL(text << ": " << problems[0].message);
    return *c;
  }

  std::vector<condition_problem> check(std::string_view text) const {
    return parse(text).check([&](std::string_view name) -> std::optional<slot_type> {
      auto it = slots.find(std::string(name));
      if (it == slots.end()) return std::nullopt;
      return it->second.first;
    });
  }

  bool is(std::string_view text) const {
    condition c = parse(text);
    std::vector<value> values;
    std::vector<std::string> order;
    for (auto& [name, slot] : slots) {
      order.push_back(name);
      values.push_back(slot.second);
    }
    c.bind([&](std::string_view name) {
      for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] == name) return static_cast<slot_id>(i);
      return slot_id{-1};
    });
    return c.evaluate(values);
  }

  /// The one syntax error of `text`, as "offset+length message".
  std::string refusal(std::string_view text) const {
    auto [c, problems] = condition::parse(text);
    BOOST_REQUIRE(!c);
    BOOST_REQUIRE_EQUAL(problems.size(), 1u);
    BOOST_TEST(problems[0].kind == "condition-syntax");
    return std::to_string(problems[0].offset) + "+" + std::to_string(problems[0].length) + " " +
           problems[0].message;
  }

  /// The one finding of the type check, in the same form with the kind in front.
  std::string complaint(std::string_view text) const {
    auto problems = check(text);
    BOOST_REQUIRE_EQUAL(problems.size(), 1u);
    const auto& p = problems[0];
    return p.kind + " " + std::string(text.substr(p.offset, p.length)) + ": " + p.message;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(conditions, with_slots)

BOOST_AUTO_TEST_CASE(compare_texts_and_numbers) {
  BOOST_TEST(is("label == 'refund'"));
  BOOST_TEST(is("label == \"refund\""));
  BOOST_TEST(!is("label == 'Refund'"));
  BOOST_TEST(is("label != 'order'"));
  BOOST_TEST(is("question == '我的订单到哪里了'"));
  BOOST_TEST(is("score >= 0.75"));
  BOOST_TEST(!is("score > 0.75"));
  BOOST_TEST(is("score < 1"));
  BOOST_TEST(is("count == 3.0"));
  BOOST_TEST(is("count <= 3 "));
  BOOST_TEST(is("-1 < count"));
  BOOST_TEST(is("label < 's'"));
}

BOOST_AUTO_TEST_CASE(bind_and_tighter_than_or_and_not_over_a_comparison) {
  BOOST_TEST(is("true || false && false"));
  BOOST_TEST(!is("(true || false) && false"));
  BOOST_TEST(is("!flagged"));
  BOOST_TEST(is("!count == 4"));
  BOOST_TEST(is("!!true"));
  BOOST_TEST(is("flagged == false"));
  BOOST_TEST(is("(count > 1) == true"));
}

BOOST_AUTO_TEST_CASE(test_membership_in_lists_and_texts) {
  BOOST_TEST(is("label in ['order', 'refund']"));
  BOOST_TEST(!is("label in []"));
  BOOST_TEST(is("'退款' in tags"));
  BOOST_TEST(is("7.0 in tags"));
  BOOST_TEST(is("count in [1, count]"));
  BOOST_TEST(is("'订单' in question"));
  BOOST_TEST(!is("'退款' in question"));
}

BOOST_AUTO_TEST_CASE(count_characters_not_bytes) {
  BOOST_TEST(is("len(question) == 8"));
  BOOST_TEST(is("len(tags) == 3"));
  BOOST_TEST(is("len(entities) == 4"));
  BOOST_TEST(is("len('a好') == 2"));
}

BOOST_AUTO_TEST_CASE(reach_into_tables) {
  BOOST_TEST(is("entities.order_id == 'A-1'"));
  BOOST_TEST(is("entities.订单 == 'A-2'"));
  BOOST_TEST(is("entities.vip"));
  BOOST_TEST(is("entities.amount > 12"));
}

BOOST_AUTO_TEST_CASE(treat_what_is_missing_as_equal_to_nothing) {
  BOOST_TEST(!is("entities.phone == 'x'"));
  BOOST_TEST(!is("entities.phone == entities.phone"));
  BOOST_TEST(is("entities.phone != 'x'"));
  BOOST_TEST(!is("entities.phone < 1"));
  BOOST_TEST(!is("entities.phone >= 1"));
  BOOST_TEST(!is("entities.phone"));
  BOOST_TEST(!is("entities.order_id.deeper == 1"));
  BOOST_TEST(!is("absent == ''"));
  BOOST_TEST(!is("defined(absent)"));
  BOOST_TEST(is("defined(label)"));
  BOOST_TEST(!is("len(absent) >= 0"));
}

BOOST_AUTO_TEST_CASE(are_false_where_types_inside_a_table_do_not_fit) {
  BOOST_TEST(!is("entities.order_id > 3"));
  BOOST_TEST(!is("entities.order_id == 3"));
  BOOST_TEST(!is("entities.amount in 'text'"));
  BOOST_TEST(!is("entities.order_id"));
}

BOOST_AUTO_TEST_CASE(name_the_place_of_a_syntax_error) {
  BOOST_TEST(refusal("") == "0+1 the condition is empty");
  BOOST_TEST(refusal("score >=") == "8+1 expected a slot, a text, a number or a list, not the end");
  BOOST_TEST(refusal("score = 1") == "6+1 `=` means nothing in a condition");
  BOOST_TEST(refusal("a & b") == "2+1 `&` means nothing in a condition");
  BOOST_TEST(refusal("a and b") == "2+3 `and` is not an operator");
  BOOST_TEST(refusal("not a") == "0+3 `not` is not an operator");
  BOOST_TEST(refusal("1 < count < 3") == "10+1 comparisons cannot be chained");
  BOOST_TEST(refusal("(a || b") == "7+1 expected `)`, not the end");
  BOOST_TEST(refusal("x in [1 2]") == "8+1 expected `,` or `]`, not `2`");
  BOOST_TEST(refusal("size(x) > 1") == "0+4 there is no function `size`");
  BOOST_TEST(refusal("defined(1)") == "8+1 `defined` takes the name of a slot");
  BOOST_TEST(refusal("label == '退款") == "9+7 a text is not closed");
  BOOST_TEST(refusal("x. == 1") == "3+2 expected a key behind `.`, not `==`");
  BOOST_TEST(refusal("count == 99999999999999999999") ==
             "9+20 the number `99999999999999999999` is too large");
}

BOOST_AUTO_TEST_CASE(refuse_to_nest_without_end) {
  for (char opening : {'(', '[', '!'}) {
    std::string deep(100000, opening);
    auto [c, problems] = condition::parse(deep);
    BOOST_TEST(!c);
    BOOST_REQUIRE_EQUAL(problems.size(), 1u);
    BOOST_TEST(problems[0].message == "the condition is nested too deeply");
  }
  std::string long_chain = "true";
  for (int i = 0; i < 10000; ++i) long_chain += " && true";
  BOOST_TEST(is(long_chain));
}

BOOST_AUTO_TEST_CASE(are_checked_against_the_types_of_slots) {
  for (std::string_view fine :
       {"label == 'x'", "score > 1", "count == 1.5", "flagged", "!flagged && 'a' in tags",
        "entities.x.y > 3 || entities.x == 'a'", "len(tags) > 1", "defined(score)",
        "label in ['a', 'b']", "count in [1, 2.5]"})
    BOOST_TEST(check(fine).empty(), fine);
  BOOST_TEST(complaint("label > 3") ==
             "condition-type label > 3: text cannot be compared with int");
  BOOST_TEST(complaint("flagged && score") ==
             "condition-type score: this is float, but a condition is true or false");
  BOOST_TEST(complaint("tags < tags") == "condition-type tags < tags: list has no order");
  BOOST_TEST(complaint("len(score) > 1") ==
             "condition-type score: `len` takes a text, a list or a table, not float");
  BOOST_TEST(complaint("label.length == 3") ==
             "condition-type label.length: `label` is text and has no keys");
  BOOST_TEST(complaint("label in ['a', 3]") ==
             "condition-type 3: text cannot be compared with int");
  BOOST_TEST(complaint("count in label") ==
             "condition-type count in label: only text can be in a text, not int");
  BOOST_TEST(complaint("label in score") ==
             "condition-type score: `in` takes a list or a text on its right, not float");
}

BOOST_AUTO_TEST_CASE(report_every_unknown_slot) {
  BOOST_TEST(complaint("lable == 'x'") == "unknown-slot lable: there is no slot `lable`");
  BOOST_TEST(complaint("defined( lable )").substr(0, 12) == "unknown-slot");
  BOOST_TEST(complaint("defined(lable)") == "unknown-slot lable: there is no slot `lable`");
  BOOST_TEST(check("lable == 'x' && skore > 1 && !falgged").size() == 3u);
}

BOOST_AUTO_TEST_CASE(list_what_they_read) {
  condition c = parse("score > 1 && label == 'x' || defined(tags) && !defined(score) && score < 9");
  BOOST_TEST(c.reads() == (names{"score", "label"}), boost::test_tools::per_element());
  BOOST_TEST(c.asks_defined() == (names{"tags"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(know_what_defined_makes_readable) {
  BOOST_TEST(parse("defined(x) && x > 1").needs().empty());
  BOOST_TEST(parse("!defined(x) || x > 1").needs().empty());
  BOOST_TEST(parse("x > 1 && defined(x)").needs() == names{"x"});
  BOOST_TEST(parse("defined(x) || x > 1").needs() == names{"x"});
  BOOST_TEST(parse("(defined(x) || defined(y)) && x > 1").needs() == names{"x"});
  BOOST_TEST(parse("defined(x) && defined(y)").proves(true) == (names{"x", "y"}));
  BOOST_TEST(parse("defined(x) && defined(y)").proves(false).empty());
  BOOST_TEST(parse("defined(x) || y").proves(true).empty());
  BOOST_TEST(parse("!defined(x)").proves(false) == names{"x"});
  BOOST_TEST(parse("!(defined(x) && y)").proves(false) == names{"x"});
  BOOST_TEST(parse("!defined(x) || y").proves(false) == names{"x"});
}

BOOST_AUTO_TEST_SUITE_END()
