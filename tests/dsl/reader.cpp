#include "dsl/reader.hpp"

#include <boost/test/unit_test.hpp>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view everything = R"(# 客服
[graph]
name     = "customer_service"
start    = "intent"
output   = "reply"
persist  = ["order_id", "language"]
deadline = "8s"
budget   = { tokens = 3000 }
on_busy  = "interrupt"
on_disconnect = "cancel"

[input]
text  = "text"
limit = { type = "int", default = 3 }

[model.writer]
kind = "local"
path = "model"
device = "cuda:1"
fallback = "deepseek"
threads = 4

[model.deepseek]
kind = "remote"
url = "https://api.deepseek.com/v1"
model = "deepseek-chat"
api_key_env = "DEEPSEEK_API_KEY"

[plugins]
load = ["./libmask.so"]

[stage.intent]
use  = "intent"
with = { model = "意图", threshold = 0.55, words = ["a", "好"], more = { z = 1, a = 2 } }
in   = { text = "text" }
out  = { label = "intent" }
replicas = 2
timeout  = "300ms"
retry    = { attempts = 3, backoff = "50ms..1s", on = ["timeout", "unavailable"] }
restart  = { max = 7, within = "20s", backoff = "200ms" }
queue    = 16
breaker  = { failures = 4, open = "5s" }
on_error = "handoff"
next     = "check"

[stage.check]
use  = "satisfaction"

[[stage.check.next]]
when = "score >= 0.8"
to   = "sections"

[[stage.check.next]]
to        = "intent"
max       = 3
best_by   = "score"
plateau   = 2
exhausted = "handoff"

[stage.sections]
use  = "generate"
each = { over = "outline", as = "heading", concurrency = 4 }
next = { all = ["tone", "facts"], join = "handoff" }

[stage.tone]
use = "x"
[stage.facts]
use = "x"
[stage.handoff]
use = "x"
)";

read_result read(std::string text) { return read_graph_spec(std::move(text), "dir/g.toml"); }

std::string first_kind(std::string text) {
  auto r = read(std::move(text));
  return r.findings.empty() ? "" : r.findings[0].kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reader)

BOOST_AUTO_TEST_CASE(reads_the_whole_language) {
  read_result r = read(std::string(everything));
  for (auto& d : r.findings) BOOST_ERROR(d.message);
  BOOST_TEST(r.is_toml);
  const graph_spec& g = r.spec;
  BOOST_TEST(g.file == "dir/g.toml");
  BOOST_TEST(g.text == everything);
  BOOST_TEST(*g.name == "customer_service");
  BOOST_TEST(*g.start == "intent");
  BOOST_TEST(*g.output == "reply");
  BOOST_REQUIRE_EQUAL(g.persist.size(), 2u);
  BOOST_TEST(*g.persist[1] == "language");
  BOOST_TEST((*g.deadline == 8s));
  BOOST_REQUIRE(g.token_budget);
  BOOST_TEST(**g.token_budget == 3000);
  BOOST_TEST((*g.busy == on_busy::interrupt));
  BOOST_TEST((*g.left == when_left::is_cancelled));
  BOOST_REQUIRE_EQUAL(g.inputs.size(), 2u);
  BOOST_TEST((*g.inputs[0].type == slot_type::text));
  BOOST_TEST(!g.inputs[0].fallback);
  BOOST_REQUIRE(g.inputs[1].fallback);
  BOOST_TEST((g.inputs[1].fallback->plain == value(3)));
  BOOST_REQUIRE_EQUAL(g.plugins.size(), 1u);
  BOOST_TEST(*g.plugins[0] == "./libmask.so");

  BOOST_REQUIRE_EQUAL(g.models.size(), 2u);
  BOOST_TEST(*g.models[0].name == "writer");
  BOOST_TEST(*g.models[0].device == "cuda:1");
  BOOST_TEST(*g.models[0].fallback == "deepseek");
  BOOST_REQUIRE(g.models[0].all.find("threads"));
  BOOST_TEST((g.models[0].all.find("threads")->plain == value(4)));
  BOOST_TEST(*g.models[1].api_key_env == "DEEPSEEK_API_KEY");
}

BOOST_AUTO_TEST_CASE(reads_every_key_of_a_stage) {
  read_result r = read(std::string(everything));
  const stage_spec& s = r.spec.stages.at(0);
  BOOST_TEST(*s.name == "intent");
  BOOST_TEST(*s.use == "intent");
  BOOST_TEST((*s.with.plain.find("model") == value("意图")));
  BOOST_TEST((*s.with.plain.find("threshold") == value(0.55)));
  BOOST_REQUIRE_EQUAL(s.in.size(), 1u);
  BOOST_TEST(*s.in[0].port == "text");
  BOOST_REQUIRE_EQUAL(s.out.size(), 1u);
  BOOST_TEST(*s.out[0].slot == "intent");
  BOOST_TEST(*s.replicas == 2);
  BOOST_TEST((*s.timeout == 300ms));
  BOOST_REQUIRE(s.retry);
  BOOST_TEST(*s.retry->attempts == 3);
  BOOST_TEST((*s.retry->backoff_min == 50ms));
  BOOST_TEST((*s.retry->backoff_max == 1s));
  BOOST_REQUIRE_EQUAL(s.retry->on.size(), 2u);
  BOOST_TEST(*s.retry->on[1] == "unavailable");
  BOOST_REQUIRE(s.restart);
  BOOST_TEST(*s.restart->max == 7);
  BOOST_TEST((*s.restart->within == 20s));
  BOOST_TEST((*s.restart->backoff_min == 200ms));
  BOOST_TEST((*s.restart->backoff_max == 200ms));
  BOOST_TEST(*s.queue == 16);
  BOOST_REQUIRE(s.breaker);
  BOOST_TEST(*s.breaker->failures == 4);
  BOOST_TEST((*s.breaker->open == 5s));
  BOOST_TEST(*s.on_error == "handoff");
  BOOST_REQUIRE_EQUAL(s.next.size(), 1u);
  BOOST_TEST(*s.next[0].to == "check");
}

BOOST_AUTO_TEST_CASE(reads_all_forms_of_next) {
  read_result r = read(std::string(everything));
  const stage_spec& check = r.spec.stages.at(1);
  BOOST_REQUIRE_EQUAL(check.next.size(), 2u);
  BOOST_TEST(*check.next[0].when == "score >= 0.8");
  BOOST_TEST(*check.next[0].to == "sections");
  BOOST_TEST(!check.next[0].max);
  const edge_spec& back = check.next[1];
  BOOST_TEST(!back.when.given());
  BOOST_REQUIRE(back.max);
  BOOST_TEST(**back.max == 3);
  BOOST_TEST(*back.best_by == "score");
  BOOST_REQUIRE(back.plateau);
  BOOST_TEST(**back.plateau == 2);
  BOOST_TEST(*back.exhausted == "handoff");

  const stage_spec& sections = r.spec.stages.at(2);
  BOOST_REQUIRE(sections.fan_out);
  BOOST_REQUIRE_EQUAL(sections.fan_out->all.size(), 2u);
  BOOST_TEST(*sections.fan_out->join == "handoff");
  BOOST_REQUIRE(sections.each);
  BOOST_TEST(*sections.each->over == "outline");
  BOOST_TEST(*sections.each->as == "heading");
  BOOST_TEST(*sections.each->concurrency == 4);
  BOOST_TEST(r.spec.stages.at(5).next.empty());
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_the_file) {
  read_result r = read(std::string(everything));
  std::vector<std::string> names;
  for (auto& s : r.spec.stages) names.push_back(*s.name);
  std::vector<std::string> expected = {"intent", "check", "sections", "tone", "facts", "handoff"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  const located_value* more = r.spec.stages[0].with.find("more");
  BOOST_REQUIRE(more);
  BOOST_REQUIRE_EQUAL(more->entries.size(), 2u);
  BOOST_TEST(*more->entries[0].key == "z");
  BOOST_TEST(more->plain.as_table()[0].first == "z");
}

BOOST_AUTO_TEST_CASE(knows_where_everything_stands) {
  read_result r = read(std::string(everything));
  const stage_spec& s = r.spec.stages.at(0);
  auto is = [](const source_range& at, std::uint32_t line, std::uint32_t column,
               std::uint32_t end) {
    BOOST_TEST(at.line == line);
    BOOST_TEST(at.column == column);
    BOOST_TEST(at.end_column == end);
  };
  is(r.spec.name.at, 3, 12, 30);
  is(r.spec.persist[1].at, 6, 25, 35);
  is(s.name.at, 32, 8, 14);
  is(s.use.at, 33, 8, 16);
  is(s.with.find("model")->at, 34, 18, 22);  // "意图": 4 characters, 8 bytes
  is(s.with.find("threshold")->at, 34, 36, 40);
  is(s.with.find("words")->items.at(1).at, 34, 56, 59);
  is(s.retry->on.at(1).at, 39, 67, 80);
  is(r.spec.stages[1].next.at(1).exhausted.at, 58, 13, 22);
  BOOST_TEST(!r.spec.stages[1].timeout.given());
  BOOST_TEST(!r.spec.stages[1].replicas.given());
}

BOOST_AUTO_TEST_CASE(gives_defaults_to_what_is_left_out) {
  read_result r = read("[graph]\nname='g'\nstart='a'\noutput='x'\n[stage.a]\nuse='y'\n");
  BOOST_TEST(r.findings.empty());
  BOOST_TEST((*r.spec.deadline == 30s));
  BOOST_TEST(!r.spec.token_budget);
  BOOST_TEST((*r.spec.busy == on_busy::queue));
  BOOST_TEST((*r.spec.left == when_left::continues));
  const stage_spec& s = r.spec.stages.at(0);
  BOOST_TEST(*s.replicas == 1);
  BOOST_TEST(*s.queue == 64);
  BOOST_TEST(!s.retry);
  BOOST_TEST(!s.restart);
  BOOST_TEST(!s.breaker);
  BOOST_TEST(!s.each);
}

BOOST_AUTO_TEST_CASE(takes_edges_before_the_table_of_their_stage) {
  read_result r = read(
      "[graph]\nname='g'\nstart='a'\noutput='x'\n[[stage.a.next]]\nto='b'\n"
      "[stage.b]\nuse='y'\n[stage.a]\nuse='y'\n");
  BOOST_TEST(r.findings.empty());
  BOOST_TEST(*r.spec.stages.at(0).name == "a");
  BOOST_TEST(*r.spec.stages.at(0).next.at(0).to == "b");
}

BOOST_AUTO_TEST_CASE(tells_all_errors_at_once) {
  read_result r = read(
      "[graph]\nnome = 3\nstart = 4\n[stage.a]\nuse = 5\nreplicas = -1\n"
      "[stage.b]\nusee = 'x'\n[other]\n");
  std::vector<std::string> kinds;
  for (auto& d : r.findings) kinds.push_back(d.kind);
  std::ranges::sort(kinds);
  std::vector<std::string> expected = {"bad-value",   "missing-key", "missing-key",
                                       "missing-key", "unknown-key", "unknown-key",
                                       "unknown-key", "wrong-type",  "wrong-type"};
  BOOST_TEST(kinds == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(refuses_files_that_are_too_large_or_too_deep) {
  BOOST_TEST(first_kind(std::string(largest_graph_file + 1, '#')) == "too-large");
  std::string deep;
  for (int i = 0; i < 500'000; ++i) deep += "a.";
  BOOST_TEST(first_kind(deep + "a = 1") == "too-deep");
  BOOST_TEST(first_kind("[" + deep + "a]") == "too-deep");
  BOOST_TEST(first_kind("a = " + std::string(500'000, '[')) == "too-deep");
  BOOST_TEST(first_kind("a = " + std::string(500'000, '{')) == "too-deep");
}

BOOST_AUTO_TEST_CASE(tells_a_syntax_error_as_the_only_one) {
  for (std::string text :
       {"[graph", "a = ", "a = 1\na = 2", "\xff\xfe", "a = \"\\q\"", "名字 = 1"}) {
    auto r = read(text);
    BOOST_TEST(!r.is_toml);
    BOOST_REQUIRE_EQUAL(r.findings.size(), 1u);
    BOOST_TEST(r.findings[0].kind == "syntax");
    BOOST_TEST(r.findings[0].at.known());
  }
}

BOOST_AUTO_TEST_CASE(reads_files_with_windows_line_ends_and_a_byte_order_mark) {
  read_result r = read("\xEF\xBB\xBF[graph]\r\nname='g'\r\nstart='a'\r\noutput='回复'\r\n");
  BOOST_TEST(r.is_toml);
  BOOST_REQUIRE_EQUAL(r.findings.size(), 2u);
  BOOST_TEST(r.findings[0].kind == "bad-name");
  BOOST_TEST(r.findings[0].at.line == 4u);
  BOOST_TEST(r.findings[0].at.column == 8u);
}

BOOST_AUTO_TEST_SUITE_END()
