// Graphs of several files: right ones, and wrong ones with exactly what is said about them.
// TROUPE_UPDATE_GOLDEN=1 writes what is said now; look at the difference before it is kept.

#include "actors/stages/builtin.hpp"
#include "dsl/bill.hpp"
#include "dsl/diagnostics.hpp"
#include "support/file_content.hpp"
#include "test_stages.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using namespace troupe;
using test::content;

const fs::path folder = fs::path(TROUPE_SOURCE_DIR) / "tests/golden/sub_graphs";

const registry& types() {
  static const registry all = [] {
    registry r = test::test_stages();
    troupe::stages::add_graph(r);
    return r;
  }();
  return all;
}

std::set<fs::path> sub_graphs_in(const char* name) {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / name))
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  return files;
}

/// What is said, with paths from the goldens' folder on.
std::string said_of(const loaded& l) {
  std::string said = render(l);
  const std::string prefix = folder.string() + "/";
  for (std::size_t at; (at = said.find(prefix)) != said.npos;) said.erase(at, prefix.size());
  return said;
}

std::shared_ptr<const graph> right(const std::string& name) {
  loaded l = load_graph(folder / "right" / (name + ".toml"), types());
  BOOST_REQUIRE_MESSAGE(l.graph, render(l));
  return l.graph;
}

const stage_node& stage(const graph& g, const std::string& name) {
  const stage_id id = g.find_stage(name);
  BOOST_REQUIRE_MESSAGE(id != no_stage, "there is no stage " << name);
  return g.stages[static_cast<std::size_t>(id)];
}

std::string name_of(const graph& g, stage_id id) {
  return id == no_stage ? "" : g.stages[static_cast<std::size_t>(id)].name;
}

std::string slot_of(const graph& g, slot_id id) {
  return id == no_slot ? "" : g.slots[static_cast<std::size_t>(id)];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graphs_with_sub_graphs)

BOOST_AUTO_TEST_CASE(are_told_what_is_wrong_in_which_file_word_for_word) {
  const auto files = sub_graphs_in("wrong");
  BOOST_TEST(files.size() >= 12u);
  const bool update = std::getenv("TROUPE_UPDATE_GOLDEN") != nullptr;
  for (const fs::path& file : files) {
    const loaded l = load_graph(file, types());
    BOOST_TEST(l.graph == nullptr, file << " has an error and yet a graph");
    const std::string said = said_of(l);
    const fs::path expected = fs::path(file).replace_extension(".txt");
    if (update) std::ofstream(expected, std::ios::binary) << said;
    BOOST_TEST(said == content(expected), "about " << file << " was said:\n" << said);
  }
}

BOOST_AUTO_TEST_CASE(are_not_refused_and_not_warned_of) {
  for (const fs::path& file : sub_graphs_in("right")) {
    const loaded l = load_graph(file, types());
    BOOST_TEST(l.graph, "about " << file << " was said:\n" << render(l));
    for (const diagnostic& d : l.diagnostics)
      BOOST_TEST(d.kind == "unused-slot", "about " << file << " was said:\n" << render(l));
  }
}

BOOST_AUTO_TEST_CASE(are_not_warned_of_what_only_another_place_of_use_may_need) {
  const fs::path inner = fs::weakly_canonical(folder / "inner/polish.toml");
  std::string text = content(inner);
  const std::string_view before = "[stage.done]\nuse  = \"put\"\n";
  text.replace(text.find(before), before.size(),
               "[stage.done]\nuse  = \"put\"\nout  = { finished = \"over\" }\n");
  const fs::path file = folder / "right/within_each_other.toml";
  const loaded l = load_graph_text(content(file), file, types(),
                                   {.scripted_models = {}, .kept = {{inner, text}}});
  BOOST_TEST(l.diagnostics.empty(), render(l));
}

BOOST_AUTO_TEST_CASE(hold_the_stages_of_the_inner_graph_between_two_ends) {
  const auto g = right("one");
  BOOST_TEST(name_of(*g, stage(*g, "write").next[0].to) == "polish");
  const stage_node& entry = stage(*g, "polish");
  BOOST_TEST(slot_of(*g, entry.in[0]) == "article");
  BOOST_TEST(slot_of(*g, entry.out[0]) == "polish.draft");
  BOOST_TEST(slot_of(*g, entry.in[1]) == "");
  BOOST_TEST(slot_of(*g, entry.out[1]) == "polish.times");
  BOOST_TEST(name_of(*g, entry.next[0].to) == "polish.rewrite");
  const stage_node& check = stage(*g, "polish.check");
  BOOST_TEST(slot_of(*g, check.next[0].best_by) == "polish.score");
  BOOST_TEST(check.next[0].when->text() == "score < 0.8 && times > 1");
  BOOST_TEST(
      check.next[0].when->reads() == (std::vector<std::string>{"polish.score", "polish.times"}),
      boost::test_tools::per_element());
  BOOST_TEST(name_of(*g, stage(*g, "polish.done").next[0].to) == "polish:end");
  const stage_node& exit = stage(*g, "polish:end");
  BOOST_TEST(slot_of(*g, exit.in[0]) == "polish.text");
  BOOST_TEST(slot_of(*g, exit.out[0]) == "reply");
  BOOST_TEST(slot_of(*g, exit.out[1]) == "quality");
  BOOST_TEST(exit.next.size() == 2u);
}

BOOST_AUTO_TEST_CASE(may_lie_within_each_other) {
  const auto g = right("within_each_other");
  BOOST_TEST(name_of(*g, stage(*g, "polish.second:end").next[0].to) == "polish.end");
  BOOST_TEST(name_of(*g, stage(*g, "polish.end").next[0].to) == "polish:end");
  BOOST_TEST(slot_of(*g, stage(*g, "polish.first.check").in[0]) == "polish.first.text");
  BOOST_TEST(slot_of(*g, stage(*g, "polish.first:end").out[0]) == "polish.draft");
  BOOST_TEST(stage(*g, "polish.second:end").next[0].when->reads()[0] == "polish.grade");
}

BOOST_AUTO_TEST_CASE(lead_their_errors_where_the_stage_does_and_keep_its_time) {
  const auto g = right("an_error_way");
  for (const char* name : {"polish", "polish.rewrite", "polish.check", "polish:end"})
    BOOST_TEST(name_of(*g, stage(*g, name).on_error) == "sorry");
  BOOST_REQUIRE(g->regions.size() == 1u);
  BOOST_TEST(name_of(*g, g->regions[0].entry) == "polish");
  BOOST_TEST((g->regions[0].deadline == std::chrono::seconds(5)));
  BOOST_TEST(stage(*g, "polish.check").region == 0);
  BOOST_TEST(stage(*g, "polish:end").region == -1);
}

BOOST_AUTO_TEST_CASE(keep_branches_and_limits_of_the_inner_graph) {
  const auto g = right("in_a_branch");
  BOOST_TEST(stage(*g, "right.length").next.empty());
  BOOST_TEST(name_of(*g, stage(*g, "right.begin").split->join) == "right.report");
  BOOST_TEST(name_of(*g, stage(*g, "right.report").next[0].to) == "right:end");
  BOOST_TEST(stage(*g, "right:end").next.empty());
  BOOST_REQUIRE(g->regions.size() == 1u);
  BOOST_TEST((g->regions[0].deadline == std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(bring_their_models_along) {
  const auto g = right("two_models");
  BOOST_TEST(g->models.size() == 2u);
  BOOST_TEST(stage(*g, "polish.a").with.find("model")->as_text() == "small");
  BOOST_TEST(g->regions[0].token_budget == 500);
  BOOST_TEST(bill_of(*g).model_calls == 2 * 3);  // a remote model asks up to three times
}

BOOST_AUTO_TEST_CASE(are_another_graph_when_an_inner_file_changes) {
  const auto g = right("one");
  BOOST_REQUIRE(g->inner.size() == 1u);
  const fs::path file = folder / "right/one.toml";
  const fs::path inner = fs::weakly_canonical(folder / "inner/polish.toml");
  auto changed = [&](std::string text) {
    return load_graph_text(content(file), file, types(),
                           {.scripted_models = {}, .kept = {{inner, std::move(text)}}});
  };
  BOOST_TEST(changed(content(inner)).graph->hash == g->hash);
  const auto other = changed(content(inner) + "# and more\n");
  BOOST_REQUIRE(other.graph);
  BOOST_TEST(other.graph->hash != g->hash);
  BOOST_TEST(other.graph->inner[0].text.ends_with("# and more\n"));
}

BOOST_AUTO_TEST_SUITE_END()
