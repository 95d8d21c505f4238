#include "actors/stages/fact_check.hpp"
#include "support/stage_harness.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

std::string unfounded(const std::string& text, std::vector<std::string> sources) {
  std::string out;
  for (const auto& f : stages::unfounded_facts(text, sources)) out += (out.empty() ? "" : "|") + f;
  return out;
}

value grounded(const std::string& text, const std::string& quote, const value& order = {}) {
  stage_harness stage("grounding", {{"sources", value::list{"order"}}});
  auto out = stage.run({{"text", text}, {"quote", quote}, {"order", order}});
  BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
  return *out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fact_checks)

BOOST_AUTO_TEST_CASE(facts_of_the_sources_are_founded) {
  BOOST_TEST(unfounded("It costs $48.20 and arrives on 26 November at Dr Ito's in Bergen.",
                       {"Dr Ito's shop in Bergen: $48.20", "on 26 November"}) == "");
  BOOST_TEST(unfounded("运费8元，11月26日送达，电话400-555-0137。",
                       {"运费8元。", "11月26日，400-555-0137"}) == "");
}

BOOST_AUTO_TEST_CASE(invented_facts_are_named_as_they_are_written) {
  BOOST_TEST(unfounded("It takes 4 days and costs ¥80; ask Bob Stone.", {"3 days, ¥8."}) ==
             "4|¥80|Bob Stone");
  BOOST_TEST(unfounded("运费18元，周三送达，共80天。", {"运费8元，周一送达。"}) == "18元|周三|80");
}

BOOST_AUTO_TEST_CASE(a_part_of_a_number_is_another_number) {
  BOOST_TEST(unfounded("It has 20 rooms.", {"It has 203 rooms, 1.20 m high."}) == "20");
  BOOST_TEST(unfounded("Order ORD-2093", {"Order ORD-20931"}) == "ORD-2093");
}

BOOST_AUTO_TEST_CASE(the_way_a_number_is_written_makes_no_difference) {
  BOOST_TEST(unfounded("It costs 1250 yuan for 3 days.", {"¥1,250.00 for three days"}) == "");
  BOOST_TEST(unfounded("可以在十五天内退货，运费８元。", {"15天内可退，运费8元"}) == "");
  BOOST_TEST(unfounded("可以在十六天内退货。", {"15天内可退"}) == "十六");
  BOOST_TEST(unfounded("on 26.11.2026", {"26 November 2026"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(grounding_stage)

BOOST_AUTO_TEST_CASE(a_grounded_text_goes_through) {
  const auto out = grounded("Delivery is ¥8.", "Delivery costs ¥8.");
  BOOST_TEST(text_at(out, "text") == "Delivery is ¥8.");
  BOOST_TEST(text_at(out, "grounded") == "true");
  BOOST_TEST(text_at(out, "unfounded") == "[]");
}

BOOST_AUTO_TEST_CASE(the_quotation_takes_the_place_of_an_invention) {
  const auto out = grounded("运费9元。", "运费8元。");
  BOOST_TEST(text_at(out, "text") == "运费8元。");
  BOOST_TEST(text_at(out, "grounded") == "false");
  BOOST_TEST(text_at(out, "unfounded") == "[\"9元\"]");
}

BOOST_AUTO_TEST_CASE(facts_may_come_from_other_slots) {
  const value order(value::table{{"id", "ORD-20931"}, {"eta", "2026-11-26"}});
  const auto out = grounded("ORD-20931 arrives on 2026-11-26.", "It is on its way.", order);
  BOOST_TEST(text_at(out, "grounded") == "true");
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_replaced_too) {
  const auto out = grounded(" ", "It is on its way.");
  BOOST_TEST(text_at(out, "text") == "It is on its way.");
  BOOST_TEST(text_at(out, "grounded") == "false");
}

BOOST_AUTO_TEST_SUITE_END()
