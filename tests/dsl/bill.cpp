#include "dsl/bill.hpp"

#include "actors/stages/builtin.hpp"
#include "dsl/load.hpp"
#include "support/graph_builder.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

const registry& stages_with_models() {
  static const registry all = [] {
    registry r;
    add_builtin_stages(r);
    return r;
  }();
  return all;
}

loaded load_with(std::string_view rest) {
  return load_graph_text(
      "[graph]\nname = \"t\"\nstart = \"a\"\noutput = \"reply\"\n" + std::string(rest), "t.toml",
      stages_with_models());
}

std::shared_ptr<const graph> good(std::string_view rest) {
  loaded l = load_with(rest);
  BOOST_REQUIRE_MESSAGE(l.graph, render(l));
  return l.graph;
}

constexpr std::string_view head = R"(
deadline = "10m"
[input]
text = "text"
[model.m]
kind = "remote"
url = "https://example.com/v1"
model = "m"
context = 1000
price = { input = 1, output = 2 }
retry = { attempts = 1 }
)";

std::string with_bill_head(std::string_view rest) { return std::string(head) + std::string(rest); }

std::string bill_text(std::string_view rest) {
  const auto g = good(rest);
  return render(bill_of(*g), *g);
}

/// A stage `name` that asks the model once; its last line can be followed by more keys.
std::string asks(std::string_view name, std::string_view more) {
  return "[stage." + std::string(name) + "]\nuse = \"generate\"\n" +
         "with = { prompt = \"{text}\", max_tokens = 100 }\nout = { text = \"reply\" }\n" +
         "timeout = \"2s\"\n" + std::string(more) + "\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bill_of_a_graph)

BOOST_AUTO_TEST_CASE(adds_up_calls_tokens_money_and_time_along_the_longest_path) {
  BOOST_TEST(bill_text(with_bill_head(asks("a", "next = \"b\"") + asks("b", ""))) ==
             "at most 2 model calls, 2,000 tokens, 0.0022 USD, 4 s; longest path a → b\n");
}

BOOST_AUTO_TEST_CASE(takes_the_dearest_of_several_ways) {
  const auto g =
      good(with_bill_head("[stage.a]\nuse = \"set\"\nwith = { values = { reply = \"\" } }\n"
                          "timeout = \"1s\"\n"
                          "[[stage.a.next]]\nwhen = \"len(text) > 9\"\nto = \"b\"\n"
                          "[[stage.a.next]]\nto = \"c\"\n" +
                          asks("b", "next = \"c\"") + asks("c", "")));
  const bill b = bill_of(*g);
  BOOST_TEST(b.model_calls == 2);
  BOOST_TEST((b.time == 5s));
  BOOST_TEST(b.path.size() == 3u);
}

BOOST_AUTO_TEST_CASE(goes_round_a_loop_as_often_as_it_may) {
  BOOST_TEST(
      bill_text(with_bill_head(asks("a", "next = \"check\"") +
                               "[stage.check]\nuse = \"satisfaction\"\nin = { draft = \"reply\" }\n"
                               "with = { criteria = [\"length\"] }\ntimeout = \"1s\"\n"
                               "[[stage.check.next]]\nwhen = \"score > 0.5\"\nto = \"end\"\n"
                               "[[stage.check.next]]\nto = \"a\"\nmax = 3\nexhausted = \"end\"\n" +
                               asks("end", ""))) ==
      "at most 5 model calls, 5,000 tokens, 0.0055 USD, 14 s; longest path a → check → end\n"
      "  loop: check → a up to 3 times\n");
}

BOOST_AUTO_TEST_CASE(counts_loops_of_one_way_only) {
  const std::string loop =
      "[[stage.NAME.next]]\nwhen = \"len(reply) < 5\"\nto = \"NAME\"\nmax = 9\n";
  auto looped = [&](std::string name) {
    std::string text = asks(name, loop);
    for (std::size_t at; (at = text.find("NAME")) != text.npos;) text.replace(at, 4, name);
    return text + "[[stage." + name + ".next]]\nto = \"end\"\n";
  };
  const auto g = good(with_bill_head(asks("a",
                                          "[[stage.a.next]]\nwhen = \"len(text) > 5\"\nto = \"b\"\n"
                                          "[[stage.a.next]]\nto = \"c\"\n") +
                                     looped("b") + looped("c") + asks("end", "")));
  BOOST_TEST(bill_of(*g).model_calls == 12);
}

BOOST_AUTO_TEST_CASE(adds_the_calls_of_branches_and_compares_their_time) {
  const auto g = good(with_bill_head(
      "[stage.a]\nuse = \"set\"\nwith = { values = { x = 1 } }\ntimeout = \"1s\"\n"
      "next = { all = [\"b\", \"c\"], join = \"d\" }\n"
      "[stage.b]\nuse = \"generate\"\nwith = { prompt = \"{text}\" }\ntimeout = \"7s\"\n"
      "out = { text = \"one\", lines = \"l1\" }\n"
      "[stage.c]\nuse = \"generate\"\nwith = { prompt = \"{text}\" }\ntimeout = \"3s\"\n"
      "out = { text = \"two\", lines = \"l2\" }\n"
      "[stage.d]\nuse = \"template\"\nwith = { template = \"{one}{two}\" }\n"
      "out = { text = \"reply\" }\ntimeout = \"1s\"\n"));
  const bill b = bill_of(*g);
  BOOST_TEST(b.model_calls == 2);
  BOOST_TEST((b.time == 9s));
  BOOST_TEST(render(b, *g).find("a → b → d") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(counts_retries_with_their_pauses) {
  const auto g = good(with_bill_head(asks("a", "retry = { attempts = 4, backoff = \"1s..3s\" }")));
  const bill b = bill_of(*g);
  BOOST_TEST(b.model_calls == 4);
  BOOST_TEST((b.time == 4 * 2s + 1s + 2s + 3s));
}

BOOST_AUTO_TEST_CASE(counts_each_with_as_many_items_as_it_may_have) {
  const auto g = good(
      "deadline = \"10m\"\n[input]\nitems = \"list\"\n[stage.a]\nuse = \"template\"\n"
      "with = { template = \"{item}\" }\ntimeout = \"1s\"\n"
      "each = { over = \"items\", as = \"item\", max = 10, concurrency = 4 }\n"
      "out = { text = \"reply\" }\n");
  BOOST_TEST((bill_of(*g).time == 3s));
  BOOST_TEST(g->stages[0].each->max == 10);
}

BOOST_AUTO_TEST_CASE(follows_the_way_of_an_error) {
  const auto g = good(
      with_bill_head(asks("a", "on_error = \"b\"") + asks("b", "next = \"c\"") + asks("c", "")));
  BOOST_TEST(bill_of(*g).model_calls == 3);
}

BOOST_AUTO_TEST_CASE(says_when_deadline_and_budget_are_lower) {
  BOOST_TEST(bill_text("deadline = \"3s\"\nbudget = { tokens = 1500 }\n" +
                       with_bill_head(asks("a", "next = \"b\"") + asks("b", "")).substr(18)) ==
             "at most 2 model calls, 1,500 tokens, 0.0022 USD, 3 s; longest path a → b\n"
             "  the time is the deadline: without it, 4 s\n"
             "  the tokens are the budget: without it, 2,000\n");
  BOOST_TEST(bill_text("[input]\ntext = \"text\"\n[stage.a]\nuse = \"template\"\n"
                       "with = { template = \"{text}\" }\nout = { text = \"reply\" }\n") ==
             "at most 30 s and no model call; longest path a\n"
             "  the time is the deadline: `a` has no `timeout`\n");
}

BOOST_AUTO_TEST_CASE(counts_the_tries_of_a_remote_model_and_of_those_that_step_in) {
  const auto g = good(
      "[input]\ntext = \"text\"\n[model.m]\nkind = \"remote\"\nurl = \"http://u\"\nmodel = \"x\"\n"
      "context = 500\nfallback = \"n\"\n[model.n]\nkind = \"remote\"\nurl = \"http://u\"\n"
      "model = \"y\"\ncontext = 2000\nretry = { attempts = 2 }\n"
      "price = { input = 3, output = 1, currency = \"CNY\" }\n"
      "[stage.a]\nuse = \"generate\"\nwith = { model = \"m\", prompt = \"{text}\" }\n"
      "out = { text = \"reply\" }\n");
  const bill b = bill_of(*g);
  BOOST_TEST(b.model_calls == 3 + 2);
  BOOST_TEST(b.tokens == 3 * 500 + 2 * 2000);
  BOOST_REQUIRE(b.money.size() == 1u);
  BOOST_TEST(b.money[0].first == "CNY");
  BOOST_TEST(b.money[0].second == 2 * 0.006);
}

BOOST_AUTO_TEST_CASE(counts_the_calls_of_a_judge) {
  auto judged = [](std::string_view judge) {
    return with_bill_head(asks("a", "next = \"check\"") +
                          "[stage.check]\nuse = \"satisfaction\"\nin = { draft = \"reply\" }\n"
                          "with = { criteria = [\"length\"]" +
                          std::string(judge) + " }\n");
  };
  BOOST_TEST(bill_of(*good(judged(""))).model_calls == 1);
  BOOST_TEST(bill_of(*good(judged(", judge = \"m\""))).model_calls == 2);
}

BOOST_AUTO_TEST_CASE(counts_a_crash_of_every_stage_if_asked_to) {
  const auto g =
      good(with_bill_head(asks("a", "next = \"b\"") + asks("b", "retry = { attempts = 3 }")));
  BOOST_TEST(bill_of(*g).model_calls == 4);
  BOOST_TEST(bill_of(*g, crashes::counted).model_calls == 5);
}

BOOST_AUTO_TEST_CASE(is_told_to_editors_as_json) {
  const auto g = good(with_bill_head(asks("a",
                                          "[[stage.a.next]]\nwhen = \"reply == ''\"\nto = \"a\"\n"
                                          "max = 2\nexhausted = \"b\"\n"
                                          "[[stage.a.next]]\nto = \"b\"\n") +
                                     asks("b", "")));
  BOOST_TEST(boost::json::serialize(to_json(bill_of(*g), *g)) ==
             R"({"model_calls":4,"tokens":4000,"seconds":8E0,"money":{"USD":4.4E-3},"stages":4,)"
             R"("path":["a","b"],"loops":[{"from":"a","to":"a","max":2}],"limited_by":[],)"
             R"("if_stages_crash":{"model_calls":8,"tokens":8000,"seconds":1.64E1,)"
             R"("money":{"USD":8.8E-3}}})");
}

BOOST_AUTO_TEST_CASE(without_an_end_keeps_a_graph_from_loading) {
  const loaded l = load_with(
      "[input]\ntext = \"text\"\n[stage.a]\nuse = \"set\"\nwith = { values = { reply = 1 } }\n"
      "[[stage.a.next]]\nwhen = \"text == 'x'\"\nto = \"b\"\n"
      "[[stage.a.next]]\nto = \"a\"\nmax = 1000000\nexhausted = \"b\"\n"
      "[stage.b]\nuse = \"set\"\nwith = { values = { z = 1 } }\n");
  BOOST_TEST(l.graph == nullptr);
  BOOST_REQUIRE(!l.diagnostics.empty());
  BOOST_TEST(l.diagnostics[0].kind == "unbounded");
  BOOST_TEST(l.diagnostics[0].at.line == 15u);
}

BOOST_AUTO_TEST_CASE(of_a_graph_of_many_stages_is_quick_to_make) {
  test::graph_builder b;
  b.plan().deadline = 1h;
  for (int i = 0; i < 5000; ++i) {
    auto& s = b.stage("s" + std::to_string(i), {}, {});
    s.timeout = 1ms;
    if (i + 1 < 5000) s.next.push_back(b.to(i + 1));
    if (i % 3 == 2) s.next.push_back(b.back_to(i - 2, 2));
  }
  const auto g = b.build("x");
  const bill made = bill_of(*g);
  BOOST_TEST(made.stage_entries == 5000 + 1666 * 2 * 3);
  BOOST_TEST(made.path.size() == 5000u);
  BOOST_TEST(
      render(made, *g).find("; longest path s0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → … (4,988 "
                            "more) → s4996 → s4997 → s4998 → s4999\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_every_stage_of_a_path_that_fits) {
  auto path_of_chain = [](int stages) {
    test::graph_builder b;
    for (int i = 0; i < stages; ++i) {
      auto& s = b.stage("s" + std::to_string(i), {}, {});
      s.timeout = 1ms;
      if (i + 1 < stages) s.next.push_back(b.to(i + 1));
    }
    const auto g = b.build("x");
    const std::string text = render(bill_of(*g), *g);
    const std::size_t at = text.find("longest path ") + 13;
    return text.substr(at, text.find('\n') - at);
  };
  std::string all = "s0";
  for (int i = 1; i < 16; ++i) all += " → s" + std::to_string(i);
  BOOST_TEST(path_of_chain(16) == all);
  BOOST_TEST(path_of_chain(17) ==
             "s0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → … (5 more) → s13 → s14 → s15 → s16");
}

BOOST_AUTO_TEST_SUITE_END()
