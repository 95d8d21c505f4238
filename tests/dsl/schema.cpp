#include "dsl/schema.hpp"

#include "actors/stages/builtin.hpp"
#include "dsl/table_reader.hpp"
#include "support/json_schema.hpp"
#include "test_stages.hpp"

#include <boost/test/unit_test.hpp>

namespace {

namespace fs = std::filesystem;
using namespace troupe;

/// The builtin stages, and those of the examples' plugins.
const registry& all_stages() {
  static const registry all = [] {
    registry r;
    add_builtin_stages(r);
    r.add(*test::test_stages().find("echo"));
    stage_type lookup;
    lookup.name = "order_lookup";
    lookup.params.push_back({.name = "file", .type = slot_type::text, .required = true});
    r.add(std::move(lookup));
    stage_type assemble;
    assemble.name = "assemble";
    r.add(std::move(assemble));
    stage_type finish_facts;
    finish_facts.name = "finish_facts";
    r.add(std::move(finish_facts));
    return r;
  }();
  return all;
}

const test::json_schema& schema() {
  static const test::json_schema s(schema_of(all_stages()));
  return s;
}

std::vector<std::string> complaints(const toml::table& graph) {
  std::vector<diagnostic> findings;
  return schema().complaints(to_json(read_value(graph, findings).plain));
}

void is_fine(const fs::path& file) {
  for (const std::string& complaint : complaints(toml::parse_file(file.string())))
    BOOST_ERROR(file << ": " << complaint);
}

/// The first complaint about a graph with this in it.
std::string about(std::string_view rest) {
  const auto all = complaints(toml::parse(test::with_head(rest)));
  return all.empty() ? "nothing" : all[0];
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schema_of_graphs)

BOOST_AUTO_TEST_CASE(is_satisfied_by_the_graphs_of_the_examples_and_pictures) {
  int graphs = 0;
  for (const char* folder : {"examples", "tests/golden/drawings"})
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(TROUPE_SOURCE_DIR) / folder)) {
      const fs::path& file = entry.path();
      if (file.filename() != "pipeline.toml" && file.parent_path().filename() != "drawings")
        continue;
      if (file.extension() != ".toml") continue;
      is_fine(file);
      ++graphs;
    }
  BOOST_TEST(graphs >= 5);
}

BOOST_AUTO_TEST_CASE(takes_every_key_of_the_language) {
  BOOST_TEST(about(R"(
language = { type = "text", default = "en" }
[plugins]
load = ["mask"]
[model.m]
kind = "remote"
url = "https://example.com"
model = "x"
context = 4096
price = { input = 0.14, output = 1, currency = "CNY" }
own_key_of_an_engine = true
[stage.a]
use = "echo"
with = { times = 3, weight = 1, mood = "glad", pause = "250ms", words = ["a"] }
in = { text = "question" }
out = { text = "reply" }
replicas = 2
timeout = "1.5m"
retry = { attempts = 3, backoff = "50ms..1s", on = ["timeout"] }
restart = { max = 0, within = "30s", backoff = "1s" }
queue = 5
breaker = { failures = 5, open = "10s" }
on_error = "b"
each = { over = "list", as = "item", concurrency = 4, max = 100 }
next = { all = ["b", "c"], join = "d" }
[stage.b]
use = "echo"
next = "c"
[[stage.c.next]]
to = "a"
when = "x > 1"
max = 3
best_by = "score"
plateau = 2
exhausted = "d"
[stage.c]
use = "echo"
)") == "nothing");
}

BOOST_AUTO_TEST_CASE(finds_what_is_wrong_with_a_graph) {
  BOOST_TEST(about("[stage.a]\nuse = \"ecko\"\n").find("/stage/a/use: \"ecko\" is none of") == 0u);
  BOOST_TEST(about("[stage.a]\nuse = \"echo\"\nwith = { tims = 1 }\n") ==
             "/stage/a/with/tims: nothing may stand here");
  BOOST_TEST(about("[stage.a]\nuse = \"echo\"\nwith = { times = 10 }\n") ==
             "/stage/a/with/times: is too large");
  BOOST_TEST(about("[stage.a]\nuse = \"echo\"\nwith = { pause = \"soon\" }\n") ==
             "/stage/a/with/pause: `soon` does not match");
  BOOST_TEST(about("[stage.a]\nuse = \"template\"\n") == "nothing");
  BOOST_TEST(about("[stage.a]\nuse = \"generate\"\n") == "/stage/a: `with` is missing");
  BOOST_TEST(about("[stage.a]\nuse = \"generate\"\nwith = { system = \"x\" }\n") ==
             "/stage/a/with: `prompt` is missing");
  BOOST_TEST(about("[stage.a]\nnext = \"b\"\n") == "/stage/a: `use` is missing");
  BOOST_TEST(about("[stage.a]\nuse = \"echo\"\ntimout = \"1s\"\n") ==
             "/stage/a/timout: nothing may stand here");
  BOOST_TEST(about("[stage.a]\nuse = \"echo\"\nnext = []\n") ==
             "/stage/a/next: fits none of its forms");
  BOOST_TEST(about("[stage.a-b]\nuse = \"echo\"\n") == "/stage/a-b: `a-b` does not match");
  BOOST_TEST(about("[model.m]\nkind = \"local\"\n[stage.a]\nuse = \"echo\"\n") ==
             "/model/m: `path` is missing");
  BOOST_TEST(about("number = \"integer\"\n[stage.a]\nuse = \"echo\"\n") ==
             "/input/number: fits none of its forms");
  BOOST_TEST(complaints(toml::parse("[stage.a]\nuse = \"echo\"\n")).front() ==
             ": `graph` is missing");
}

BOOST_AUTO_TEST_CASE(has_what_an_editor_shows_of_a_parameter) {
  const auto s = schema_of(all_stages());
  BOOST_TEST(boost::json::serialize(s.at_pointer("/definitions/with_echo/properties/times")) ==
             R"({"type":"integer","minimum":1,"maximum":9,"default":1,"description":"how often"})");
  BOOST_TEST(boost::json::serialize(s.at_pointer("/definitions/with_echo/properties/mood")) ==
             R"({"type":"string","enum":["glad","cross"],"default":"glad",)"
             R"("description":"in which tone"})");
  BOOST_TEST(s.at("$schema").as_string() == "http://json-schema.org/draft-07/schema#");
}

BOOST_AUTO_TEST_SUITE_END()
