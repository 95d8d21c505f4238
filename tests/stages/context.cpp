// context, with the rules of the example shop.

#include "actors/stages/entity_rules.hpp"
#include "support/stage_harness.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using test::stage_harness;
using test::text_at;

namespace {

/// A conversation that keeps `entities` and history as the graph does.
struct conversation {
  stage_harness stage{"context", {{"rules", "data/context.toml"}}, shop()};
  std::shared_ptr<std::vector<turn>> history = std::make_shared<std::vector<turn>>();
  value entities;
  bool persist = true;

  static stage_services shop() {
    stage_services s;
    s.base = TROUPE_SOURCE_DIR "/examples/customer_service";
    return s;
  }
  value say(const std::string& text, std::optional<std::string> label = std::nullopt) {
    stage.info.history = history;
    value::table slots = {{"text", text}};
    if (persist && !entities.is_none()) slots.emplace_back("entities", entities);
    if (label) slots.emplace_back("label", *label);
    auto out = stage.run(slots);
    BOOST_REQUIRE_MESSAGE(out, (out ? "" : out.error().message));
    entities = *out->find("entities");
    history = std::make_shared<std::vector<turn>>(*history);
    history->push_back({text, "…"});
    return *out;
  }
  std::string ask(const std::string& text) { return text_at(say(text), "question"); }
  std::string entity(const char* name) const { return text_at(entities, name); }
};

std::string found(const std::string& text, const char* name) {
  conversation c;
  c.say(text);
  return c.entity(name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(context_stage)

BOOST_AUTO_TEST_CASE(order_ids_are_found_however_they_are_written) {
  for (auto text : {"my order is ORD-20931", "ord-20931", "ORD20931到哪了", "#20931 please",
                    "Order 20931?", "where is order number 20931", "the order no. 20931",
                    "parcel: 20931", "order id is 20931", "订单号20931", "单号 20931",
                    "我的订单号是20931。", "订单编号：20931", "查一下订单ORD-20931到哪了"})
    BOOST_TEST(found(text, "order_id") == "ORD-20931", text << " gave " << found(text, "order_id"));
}

BOOST_AUTO_TEST_CASE(other_numbers_are_no_order_ids) {
  for (auto text : {"I paid 20931", "order 20931 yuan of tea", "订单20931元", "订单2026年下的",
                    "order 2026-11-20", "my order", "ORD-", "RECORD-20931"})
    BOOST_TEST(found(text, "order_id") == "<none>", text << " gave " << found(text, "order_id"));
}

BOOST_AUTO_TEST_CASE(other_entities_are_found_too) {
  BOOST_TEST(found("mail me at li.wei+1@example.com.", "email") == "li.wei+1@example.com");
  BOOST_TEST(found("我的邮箱是li@example.cn，谢谢", "email") == "li@example.cn");
  BOOST_TEST(found("call 138 0013 8000", "phone") == "13800138000");
  BOOST_TEST(found("电话13800138000", "phone") == "13800138000");
  BOOST_TEST(found("call +44 20 7946 0958", "phone") == "+44 20 7946 0958");
  BOOST_TEST(found("on 2026-11-5", "date") == "2026-11-05");
  BOOST_TEST(found("2026年11月20日下的单", "date") == "2026-11-20");
  BOOST_TEST(found("11月5号买的", "date") == "11-05");
  BOOST_TEST(found("I bought it on Nov 5th", "date") == "11-05");
  BOOST_TEST(found("I paid ¥199", "amount") == "¥199");
  BOOST_TEST(found("it was $20.50", "amount") == "$20.50");
  BOOST_TEST(found("付了200元", "amount") == "¥200");
  BOOST_TEST(found("My name is Li Wei and", "name") == "Li Wei");
  BOOST_TEST(found("我叫李伟，想查订单", "name") == "李伟");
  BOOST_TEST(found("我叫王芳想退货", "name") == "王芳");
  BOOST_TEST(found("my name is on the parcel", "name") == "<none>");
}

BOOST_AUTO_TEST_CASE(relative_days_are_dates) {
  auto rules = stages::entity_rules::parse(
      "[[entity]]\nname='d'\nforms=[{match='昨天|yesterday', days=-1}, {match='tomorrow', days=1}]",
      "r.toml");
  BOOST_REQUIRE(rules);
  using namespace std::chrono;
  troupe::time_point day = sys_days(2026y / March / 1) + 5h;
  auto mentions = rules->find("昨天 and tomorrow", day);
  BOOST_REQUIRE(mentions.size() == 2u);
  BOOST_TEST(mentions[0].value == "2026-02-28");
  BOOST_TEST(mentions[1].value == "2026-03-02");
  BOOST_TEST(rules->find("昨天", std::nullopt).empty());
}

BOOST_AUTO_TEST_CASE(it_is_the_order_named_before) {
  conversation c;
  BOOST_TEST(c.ask("Hi, my order is ORD-20931") == "Hi, my order is ORD-20931");
  BOOST_TEST(c.ask("which courier has it?") == "which courier has it (order ORD-20931)?");
  BOOST_TEST(c.ask("and when does it arrive?") == "and when does it (order ORD-20931) arrive?");
  BOOST_TEST(c.ask("can I cancel that order") == "can I cancel that order (ORD-20931)");
  BOOST_TEST(c.ask("when will they arrive?") == "when will they (order ORD-20931) arrive?");
  BOOST_TEST(c.ask("When does the parcel get here?") ==
             "When does the parcel (order ORD-20931) get here?");
  BOOST_TEST(c.entity("order_id") == "ORD-20931");
}

BOOST_AUTO_TEST_CASE(chinese_pronouns_are_the_order_too) {
  conversation c;
  c.say("你好，我的订单号是ORD-20931");
  BOOST_TEST(c.ask("它什么时候到？") == "它（订单ORD-20931）什么时候到？");
  BOOST_TEST(c.ask("这个订单能取消吗") == "这个订单（ORD-20931）能取消吗");
  BOOST_TEST(c.ask("那单发货了吗") == "那单（订单ORD-20931）发货了吗");
  BOOST_TEST(c.ask("该订单的金额是多少") == "该订单（ORD-20931）的金额是多少");
  BOOST_TEST(c.ask("我的包裹在哪") == "我的包裹（订单ORD-20931）在哪");
}

BOOST_AUTO_TEST_CASE(questions_that_leave_the_order_out_get_it) {
  conversation c;
  c.say("你好，我的订单号是ORD-20931");
  BOOST_TEST(c.ask("是哪家快递送的？") == "订单ORD-20931，是哪家快递送的？");
  BOOST_TEST(c.ask("什么时候能到？") == "订单ORD-20931，什么时候能到？");
  BOOST_TEST(c.ask("到哪了") == "订单ORD-20931，到哪了");
  BOOST_TEST(c.ask("and when will you deliver?") == "and when will you deliver (order ORD-20931)?");
}

BOOST_AUTO_TEST_CASE(an_intent_can_imply_the_order) {
  conversation c;
  c.say("ORD-20931");
  BOOST_TEST(text_at(c.say("any news?", "track_order"), "question") ==
             "any news (order ORD-20931)?");
  BOOST_TEST(text_at(c.say("any news?", "newsletter"), "question") == "any news?");
}

BOOST_AUTO_TEST_CASE(words_that_only_look_like_references_are_left_alone) {
  conversation c;
  c.say("ORD-20931");
  for (std::string text :
       {"How long does it take to get a refund?", "Is it possible to pay with Alipay?",
        "What is your return policy?", "item", "怎么取消订单？", "还有其它付款方式吗",
        "取消订单要手续费吗", "多久之内可以申请退款？", "你们支持哪些付款方式"})
    BOOST_TEST(c.ask(text) == text);
}

BOOST_AUTO_TEST_CASE(without_an_order_nothing_is_put_in) {
  conversation c;
  for (std::string text :
       {"when does it arrive?", "它什么时候到？", "Where is my order?", "到哪了"})
    BOOST_TEST(c.ask(text) == text);
  BOOST_TEST(c.entity("order_id") == "<none>");
}

BOOST_AUTO_TEST_CASE(an_order_of_its_own_is_not_overruled) {
  conversation c;
  c.say("ORD-20931");
  BOOST_TEST(c.ask("is ORD-20902 here and when does it arrive?") ==
             "is ORD-20902 here and when does it arrive?");
  BOOST_TEST(c.entity("order_id") == "ORD-20902");
  BOOST_TEST(text_at(*c.entities.find("all"), "order_id") == R"(["ORD-20931","ORD-20902"])");
}

BOOST_AUTO_TEST_CASE(a_bare_order_id_answers_the_question_before) {
  conversation c;
  c.say("Where is my order?");
  BOOST_TEST(c.ask("ORD-20902") == "Where is my order (order ORD-20902)?");
  conversation d;
  d.say("我的订单到哪了？");
  auto out = d.say("ORD-20902");
  BOOST_TEST(text_at(out, "question") == "我的订单到哪了（订单ORD-20902）？");
  BOOST_TEST(text_at(out, "language") == "zh");
}

BOOST_AUTO_TEST_CASE(a_greeting_is_no_question_to_complete) {
  conversation c;
  c.say("Hello!");
  BOOST_TEST(c.ask("it's ORD-20902") == "it's ORD-20902");
}

BOOST_AUTO_TEST_CASE(another_order_takes_the_place_of_the_first) {
  conversation c;
  c.say("Track order ORD-20889 please");
  BOOST_TEST(c.ask("and what about ORD-20895?") == "Track order ORD-20895 please");
  BOOST_TEST(c.ask("and ORD-20902") == "Track order ORD-20902 please");
  conversation d;
  d.say("查一下ORD-20889到哪了");
  BOOST_TEST(d.ask("那ORD-20895呢？") == "查一下ORD-20895到哪了");
  BOOST_TEST(d.entity("order_id") == "ORD-20895");
}

BOOST_AUTO_TEST_CASE(a_follow_up_goes_behind_the_question_before) {
  conversation c;
  c.say("How long does delivery take?");
  BOOST_TEST(c.ask("and for Beijing?") == "How long does delivery take? and for Beijing?");
  BOOST_TEST(c.ask("what about express?") == "How long does delivery take? what about express?");
  conversation d;
  d.say("怎么取消订单？");
  BOOST_TEST(d.ask("那退款呢？") == "怎么取消订单？那退款呢？");
}

BOOST_AUTO_TEST_CASE(entities_are_found_again_in_the_history_when_they_are_not_persisted) {
  conversation c;
  c.persist = false;
  c.say("my order is ORD-20931");
  c.say("thanks");
  BOOST_TEST(c.ask("where is it?") == "where is it (order ORD-20931)?");
}

BOOST_AUTO_TEST_CASE(what_is_not_kept_is_gone_in_the_next_turn) {
  conversation c;
  c.say("I paid ¥199 for ORD-20931");
  BOOST_TEST(c.entity("amount") == "¥199");
  c.say("hm");
  BOOST_TEST(c.entity("amount") == "<none>");
  BOOST_TEST(c.entity("order_id") == "ORD-20931");
}

BOOST_AUTO_TEST_CASE(a_text_without_words_keeps_the_language) {
  conversation c;
  BOOST_TEST(text_at(c.say("20931"), "language") == "en");
  BOOST_TEST(text_at(c.say("你好"), "language") == "zh");
  BOOST_TEST(text_at(c.say("👍"), "language") == "zh");
  BOOST_TEST(text_at(c.say("thanks"), "language") == "en");
}

BOOST_AUTO_TEST_CASE(mistakes_in_the_rules_are_placed) {
  auto message = [](const char* text) {
    auto rules = stages::entity_rules::parse(text, "r.toml");
    return rules ? "none" : rules.error().message;
  };
  BOOST_TEST(message("[[entity]]\nname = 'x'\nforms = [{ match = 'a(' }]").find("r.toml:3:") == 0u);
  BOOST_TEST(message("[[entity]]\nnane = 'x'").find("unknown key `nane`") != std::string::npos);
  BOOST_TEST(message("[[entity]]\nname = 'x'\nforms = [{ match = 'a', value = '{1}' }]")
                 .find("group {1}") != std::string::npos);
  BOOST_TEST(
      message("[[entity]]\nname = 'x'\nforms = [{ match = 'a', value = '{x}' }]").find("`{`") !=
      std::string::npos);
  BOOST_TEST(message("[[entity]]\nname = 'x'").find("no `forms`") != std::string::npos);
  BOOST_TEST(message("[[entity]]\nname = 'all'\nforms=[{match='a'}]").find("`all`") !=
             std::string::npos);
  BOOST_TEST(message("ellipsis = 3").find("r.toml:1:12") == 0u);
  BOOST_TEST(message("x = [").find("r.toml:1:") == 0u);
  stage_services s;
  s.base = "/nonexistent";
  auto missing = stage_harness("context", {{"rules", "r.toml"}}, s).open();
  BOOST_TEST(missing.error().message.find("`/nonexistent/r.toml`") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
