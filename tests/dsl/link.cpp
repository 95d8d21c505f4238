#include "dsl/link.hpp"

#include "dsl/diagnostics.hpp"
#include "test_stages.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const graph> good(const std::string& text) {
  loaded l = load(text);
  BOOST_REQUIRE_MESSAGE(l.graph, render(l));
  return l.graph;
}

/// Kinds of all findings, in order of place.
std::vector<std::string> kinds(const std::string& text) {
  std::vector<std::string> out;
  for (auto& d : load(text).diagnostics) out.push_back(d.kind);
  return out;
}

using list = std::vector<std::string>;

constexpr std::string_view loop_graph = R"(
[graph]
name = "writer"
start = "draft"
output = "reply"
persist = ["reply"]
deadline = "9s"
budget = { tokens = 500 }
on_busy = "reject"
on_disconnect = "cancel"
[input]
text = "text"
limit = { type = "int", default = 3 }
[stage.draft]
use = "ask"
with = { prompt = "写：{text}，最多 {limit}" }
next = "grade"
out = { text = "reply" }
retry = { attempts = 3, backoff = "50ms..1s", on = ["timeout"] }
restart = { max = 2, within = "5s", backoff = "10ms..20ms" }
breaker = { failures = 4, open = "5s" }
timeout = "700ms"
replicas = 3
queue = 5
on_error = "sorry"
[stage.grade]
use = "grade"
in = { draft = "reply" }
[[stage.grade.next]]
when = "score >= 0.8 && reasons != []"
to = "end"
[[stage.grade.next]]
to = "draft"
max = 3
best_by = "score"
plateau = 2
exhausted = "end"
[stage.end]
use = "note"
[stage.sorry]
use = "echo"
with = { times = 2 }
out = { text = "reply" }
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(linking_a_graph)

BOOST_AUTO_TEST_CASE(resolves_every_name) {
  auto g = good(std::string(loop_graph));
  BOOST_TEST(g->name == "writer");
  BOOST_TEST(g->start == g->find_stage("draft"));
  BOOST_TEST(g->output == g->find_slot("reply"));
  BOOST_REQUIRE_EQUAL(g->persist.size(), 1u);
  BOOST_TEST(g->persist[0] == g->output);
  BOOST_TEST((g->deadline == 9s));
  BOOST_TEST(g->token_budget == 500);
  BOOST_TEST((g->busy == on_busy::reject));
  BOOST_TEST((g->left == when_left::is_cancelled));
  BOOST_REQUIRE_EQUAL(g->inputs.size(), 2u);
  BOOST_TEST(g->inputs[0].fallback.is_none());
  BOOST_TEST((g->inputs[1].fallback == value(3)));

  const stage_node& draft = g->stages.at(0);
  BOOST_TEST(draft.type == test_stages().find("ask"));
  BOOST_REQUIRE_EQUAL(draft.in.size(), 2u);
  BOOST_TEST(draft.in[0] == g->find_slot("text"));
  BOOST_TEST(draft.in[1] == g->find_slot("limit"));
  BOOST_REQUIRE_EQUAL(draft.out.size(), 1u);
  BOOST_TEST(draft.out[0] == g->output);
  BOOST_TEST(draft.on_error == g->find_stage("sorry"));
  BOOST_TEST(draft.next.at(0).to == g->find_stage("grade"));
}

BOOST_AUTO_TEST_CASE(carries_the_policies_over) {
  auto g = good(std::string(loop_graph));
  const stage_node& draft = g->stages.at(0);
  BOOST_TEST(draft.replicas == 3);
  BOOST_TEST(draft.queue == 5);
  BOOST_TEST((draft.timeout == 700ms));
  BOOST_TEST(draft.retry.attempts == 3);
  BOOST_TEST((draft.retry.backoff_min == 50ms));
  BOOST_REQUIRE_EQUAL(draft.retry.on.size(), 1u);
  BOOST_TEST((draft.retry.on[0] == errc::timeout));
  BOOST_TEST(draft.restart.max == 2);
  BOOST_TEST((draft.restart.backoff_max == 20ms));
  BOOST_TEST(draft.breaker.failures == 4);
  const stage_node& grade = g->stages.at(1);
  BOOST_TEST(grade.retry.attempts == 1);
  BOOST_TEST(grade.breaker.failures == 0);
  BOOST_TEST((grade.timeout == duration::max()));
}

BOOST_AUTO_TEST_CASE(binds_conditions_and_numbers_bounded_edges) {
  auto g = good(std::string(loop_graph));
  const stage_node& grade = g->stages.at(1);
  BOOST_REQUIRE_EQUAL(grade.next.size(), 2u);
  std::vector<value> slots(g->slots.size());
  slots[static_cast<std::size_t>(g->find_slot("score"))] = value(0.9);
  slots[static_cast<std::size_t>(g->find_slot("reasons"))] = value(value::list{"短"});
  BOOST_REQUIRE(grade.next[0].when);
  BOOST_TEST(grade.next[0].when->evaluate(slots));
  slots[static_cast<std::size_t>(g->find_slot("score"))] = value(0.7);
  BOOST_TEST(!grade.next[0].when->evaluate(slots));
  BOOST_TEST(grade.next[0].counter == -1);
  BOOST_TEST(grade.next[1].counter == 0);
  BOOST_TEST(grade.next[1].max == 3);
  BOOST_TEST(grade.next[1].plateau == 2);
  BOOST_TEST(grade.next[1].best_by == g->find_slot("score"));
  BOOST_TEST(grade.next[1].exhausted == g->find_stage("end"));
  BOOST_TEST(g->bounded_edges == 1);
}

BOOST_AUTO_TEST_CASE(fills_in_defaults_of_parameters) {
  auto g = good(std::string(loop_graph));
  const value& with = g->stages.at(3).with;
  BOOST_TEST((*with.find("times") == value(2)));
  BOOST_TEST((*with.find("weight") == value(0.5)));
  BOOST_TEST((*with.find("mood") == value("glad")));
  BOOST_TEST((g->stages.at(1).with == value(value::table{})));
}

BOOST_AUTO_TEST_CASE(gives_types_to_slots) {
  auto g = good(with_head(R"(
[stage.a]
use = "split"
next = "b"
[stage.b]
use = "echo"
each = { over = "items", as = "item", concurrency = 2 }
in = { text = "item" }
out = { text = "lines" }
next = "c"
[stage.c]
use = "ask"
with = { prompt = "{lines}" }
out = { text = "reply" }
)"));
  auto type = [&](std::string_view slot) {
    return g->slot_types.at(static_cast<std::size_t>(g->find_slot(slot)));
  };
  BOOST_TEST((type("text") == slot_type::text));
  BOOST_TEST((type("items") == slot_type::list));
  BOOST_TEST((type("lines") == slot_type::list));
  BOOST_TEST((type("item") == slot_type::any));
  BOOST_REQUIRE(g->stages[1].each);
  BOOST_TEST(g->stages[1].each->over == g->find_slot("items"));
  BOOST_TEST(g->stages[1].in.at(0) == g->stages[1].each->as);
  BOOST_TEST(g->stages[1].each->concurrency == 2);
}

BOOST_AUTO_TEST_CASE(leaves_an_optional_input_open_that_nobody_writes) {
  auto g = good(std::string(loop_graph));
  const stage_node& end = g->stages.at(2);
  BOOST_REQUIRE_EQUAL(end.in.size(), 2u);
  BOOST_TEST(end.in[0] == g->find_slot("reply"));
  BOOST_TEST(end.in[1] == no_slot);
}

BOOST_AUTO_TEST_CASE(takes_the_rename_of_an_input_named_in_a_prompt) {
  auto g =
      good(with_head("[stage.a]\nuse='ask'\nwith={prompt='{question}'}\n"
                     "in={question='text'}\nout={text='reply'}\n"));
  BOOST_TEST(g->stages[0].in.at(0) == g->find_slot("text"));
  BOOST_TEST(g->find_slot("question") == no_slot);
}

BOOST_AUTO_TEST_CASE(links_fan_outs) {
  auto g = good(with_head(R"(
[stage.a]
use = "echo"
out = { text = "draft" }
next = { all = ["tone", "facts"], join = "end" }
[stage.tone]
use = "classify"
[stage.facts]
use = "grade"
[stage.end]
use = "ask"
with = { prompt = "{label} {score}" }
out = { text = "reply" }
)"));
  BOOST_REQUIRE(g->stages[0].split);
  BOOST_TEST(g->stages[0].split->join == 3);
  BOOST_REQUIRE_EQUAL(g->stages[0].split->all.size(), 2u);
  BOOST_TEST(g->stages[0].split->all[1] == 2);
}

BOOST_AUTO_TEST_CASE(names_the_content_by_a_hash) {
  BOOST_TEST(content_hash("") == "6c62272e07bb0142");
  BOOST_TEST(content_hash("a").size() == 16u);
  BOOST_TEST(content_hash("foobar") == "343e1662793c64bf");
  auto a = good(std::string(loop_graph));
  auto b = good(std::string(loop_graph) + "# 一句注释\n");
  BOOST_TEST(a->hash.size() == 16u);
  BOOST_TEST(a->hash != b->hash);
  BOOST_TEST(a->hash == content_hash(loop_graph));
}

BOOST_AUTO_TEST_CASE(finds_files_from_the_folder_of_the_graph) {
  namespace fs = std::filesystem;
  fs::path folder = fs::temp_directory_path() / "troupe_test_link";
  fs::create_directories(folder / "数据");
  std::ofstream(folder / "数据" / "rules.toml") << "x";
  auto load_with = [&](const std::string& file) {
    return load_graph_text(
        with_head("[stage.a]\nuse='classify'\nwith={rules='" + file + "'}\nout={label='reply'}\n"),
        folder / "g.toml", test_stages());
  };
  BOOST_TEST(load_with("数据/rules.toml").graph);
  BOOST_TEST(load_with((folder / "数据/rules.toml").string()).graph);
  loaded folder_for_file = load_with("数据");
  BOOST_REQUIRE_EQUAL(folder_for_file.diagnostics.size(), 1u);
  BOOST_TEST(folder_for_file.diagnostics[0].message == "`数据` is no file");
  BOOST_TEST(load_with("rules.toml").diagnostics.at(0).kind == "missing-file");
  fs::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(says_nothing_twice_when_a_stage_type_is_unknown) {
  BOOST_TEST(kinds(with_head("[stage.a]\nuse='ehco'\nnext='b'\n[stage.b]\nuse='grade'\n"
                             "[[stage.b.next]]\nwhen='mystery > 1'\nto='c'\n"
                             "[[stage.b.next]]\nto='c'\n[stage.c]\nuse='note'\n")) ==
             list{"unknown-stage-type"});
}

BOOST_AUTO_TEST_CASE(does_not_know_the_item_of_another_stage) {
  BOOST_TEST(kinds(with_head("[stage.a]\nuse='split'\nnext='b'\n"
                             "[stage.b]\nuse='echo'\neach={over='items',as='item'}\n"
                             "in={text='item'}\nout={text='reply'}\nnext='c'\n"
                             "[stage.c]\nuse='echo'\nin={text='item'}\nout={text='other'}\n")) ==
             list{"unknown-slot"});
}

BOOST_AUTO_TEST_CASE(refuses_an_item_name_that_hides_a_slot) {
  BOOST_TEST(kinds(with_head("[stage.a]\nuse='split'\nnext='b'\n"
                             "[stage.b]\nuse='echo'\neach={over='items',as='text'}\n"
                             "out={text='reply'}\n")) == list{"duplicate-name"});
}

BOOST_AUTO_TEST_CASE(accepts_an_int_where_a_float_is_read) {
  loaded l = load(
      "[graph]\nname='t'\nstart='a'\noutput='text'\n[input]\ntext='text'\n"
      "[stage.a]\nuse='count'\n[[stage.a.next]]\nwhen='n > 0.5'\nto='a'\nmax=2\n"
      "best_by='n'\n[[stage.a.next]]\nto='b'\n[stage.b]\nuse='note'\n");
  BOOST_TEST(l.graph, render(l));
}

BOOST_AUTO_TEST_CASE(warns_and_still_gives_a_graph) {
  loaded l = load(
      "[graph]\nname='t'\nstart='a'\noutput='text'\n[input]\ntext='text'\nsize='int'\n"
      "[model.m]\nkind='remote'\nurl='https://x'\nmodel='m'\n"
      "[stage.a]\nuse='classify'\nout={label='sort'}\n");
  BOOST_TEST(l.graph);
  list found;
  for (auto& d : l.diagnostics) {
    BOOST_TEST((d.level == severity::warning));
    found.push_back(d.kind);
  }
  BOOST_TEST(found == (list{"unused-slot", "unused-model", "unused-slot"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(takes_the_only_model_as_used_where_none_is_named) {
  loaded l =
      load(with_head("[model.m]\nkind='remote'\nurl='https://x'\nmodel='m'\n"
                     "[stage.a]\nuse='ask'\nwith={prompt='{text}'}\nout={text='reply'}\n"));
  BOOST_TEST(l.diagnostics.empty(), render(l));
}

BOOST_AUTO_TEST_CASE(copes_with_a_chain_of_thousands_of_stages) {
  std::string text = "[graph]\nname='t'\nstart='s0'\noutput='text'\n[input]\ntext='text'\n";
  for (int i = 0; i < 5000; ++i)
    text +=
        "[stage.s" + std::to_string(i) + "]\nuse='note'\nnext='s" + std::to_string(i + 1) + "'\n";
  text += "[stage.s5000]\nuse='note'\n";
  BOOST_TEST(load(text).graph);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(loading_a_graph)

BOOST_AUTO_TEST_CASE(names_a_file_that_cannot_be_read) {
  loaded l = load_graph("no/such/图.toml", test_stages());
  BOOST_TEST(!l.graph);
  BOOST_TEST(render(l) ==
             "no/such/图.toml: error: the graph file `no/such/图.toml` cannot be opened "
             "[unreadable]\n");
  BOOST_TEST(load_graph("tests", test_stages()).diagnostics.at(0).kind == "unreadable");
}

BOOST_AUTO_TEST_CASE(reads_a_file_and_keeps_its_text) {
  namespace fs = std::filesystem;
  fs::path file = fs::temp_directory_path() / "troupe_test_load.toml";
  std::ofstream(file, std::ios::binary) << loop_graph;
  loaded l = load_graph(file, test_stages());
  fs::remove(file);
  BOOST_REQUIRE(l.graph);
  BOOST_TEST(l.graph->text == loop_graph);
  BOOST_TEST(l.graph->file == file);
  BOOST_TEST(render(l) == "");
}

BOOST_AUTO_TEST_SUITE_END()
