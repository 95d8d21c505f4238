// Graphs of several files as a person runs them.

#include "support/command_line.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe::test;

namespace fs = std::filesystem;

namespace {

constexpr std::string_view outer = R"([graph]
name   = "invitation"
start  = "first"
output = "letter"

[input]
guest = "text"
host  = "text"

[stage.first]
use  = "graph"
with = { file = "parts/greet.toml" }
in   = { name = "guest" }
out  = { greeting = "hello" }
next = "second"

[stage.second]
use  = "graph"
with = { file = "parts/greet.toml" }
in   = { name = "host", polite = "formal" }
out  = { greeting = "signature", words = "words" }
on_error = "plain"
next = "letter"

[stage.plain]
use  = "template"
with = { template = "{host}" }
out  = { text = "signature" }
next = "letter"

[stage.letter]
use  = "template"
with = { template = "{hello}, come! {signature}" }
out  = { text = "letter" }
)";

constexpr std::string_view greet = R"([graph]
name   = "greet"
start  = "choose"
output = "greeting"

[input]
name   = "text"
polite = { type = "bool", default = true }

[stage.choose]
use  = "set"
with = { values = { words = ["Dear", "Hi"] } }

[[stage.choose.next]]
when = "polite"
to   = "formal"

[[stage.choose.next]]
to   = "casual"

[stage.formal]
use  = "template"
with = { template = "{words.0} {name}" }
out  = { text = "greeting" }

[stage.casual]
use  = "template"
with = { template = "{words.1} {name}" }
out  = { text = "greeting" }
)";

constexpr std::string_view reviewed = R"([graph]
name   = "reviewed"
start  = "ask"
output = "text"
[input]
draft = "text"
[stage.ask]
use  = "review"
next = "done"
[stage.done]
use  = "template"
with = { template = "{text}, the first version says" }
)";

constexpr std::string_view asking = R"([graph]
name   = "asking"
start  = "part"
output = "text"
[input]
text = "text"
[stage.part]
use  = "graph"
with = { file = "reviewed.toml" }
in   = { draft = "text" }
)";

struct several_files : command_line {
  std::string graph;
  several_files() {
    fs::create_directory(folder.path() / "parts");
    file("parts/greet.toml", greet);
    graph = file("invitation.toml", outer);
  }
  std::string with_formal(std::string_view value) {
    std::string text(outer);
    text.insert(text.find("\n[stage.first]"),
                "formal = { type = \"bool\", default = " + std::string(value) + " }\n");
    return file("invitation.toml", text);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_graph_of_several_files, several_files)

BOOST_AUTO_TEST_CASE(hands_values_in_and_out) {
  const auto wrong = troupe({"check", graph});
  BOOST_TEST(wrong.code == 1);
  BOOST_TEST(wrong.err.find("there is no slot `formal`") != std::string::npos, wrong.err);
  const auto done =
      troupe({"run", with_formal("false"), "--set", "guest=李伟", "--set", "host=Ann"});
  BOOST_TEST(done.out == "Dear 李伟, come! Hi Ann\n", done.err);
}

BOOST_AUTO_TEST_CASE(shows_its_inner_stages_in_traces_pictures_and_the_bill) {
  with_formal("true");
  const auto run = troupe({"run", graph, "--set", "guest=a", "--set", "host=b", "--trace"});
  BOOST_TEST(run.err.find("first.choose finished") != std::string::npos, run.err);
  BOOST_TEST(run.err.find("second:end finished") != std::string::npos, run.err);
  BOOST_TEST(troupe({"draw", graph}).out.find("second.casual") != std::string::npos);
  for (const char* format : {"mermaid", "dot"})
    BOOST_TEST(troupe({"draw", graph, "--format", format}).out.find("second:end") !=
               std::string::npos);
  const auto checked = troupe({"check", graph});
  BOOST_TEST(checked.out.find("with 12 stages") != std::string::npos, checked.out);
}

BOOST_AUTO_TEST_CASE(is_checked_in_all_its_files) {
  with_formal("true");
  std::string text(greet);
  text.replace(text.find("{name}"), 6, "{nmae}");
  file("parts/greet.toml", text);
  const auto wrong = troupe({"check", graph});
  BOOST_TEST(wrong.code == 1);
  const std::string place = (folder.path() / "parts/greet.toml").string() + ":23:32: error: ";
  BOOST_TEST(wrong.err.find(place) != std::string::npos, wrong.err);
  const auto told = boost::json::parse(troupe({"check", "--json", graph}).out);
  BOOST_TEST(told.at_pointer("/diagnostics/0/file").as_string() ==
             (folder.path() / "parts/greet.toml").string());
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_files_that_it_began_with) {
  file("reviewed.toml", reviewed);
  const auto asks = file("asking.toml", asking);
  const std::string data = folder.path() / "data";
  const auto waits = troupe({"run", asks, "--set", "text=tea", "--data", data});
  BOOST_TEST(waits.err.find("waits for a review at stage `part.ask`") != std::string::npos,
             waits.err);
  const std::string run = waits.err.substr(4, waits.err.find(' ', 4) - 4);
  std::string second(reviewed);
  second.replace(second.find("first"), 5, "second");
  file("reviewed.toml", second);
  const auto approved = troupe({"reviews", "approve", run, "--data", data});
  BOOST_TEST(approved.out.find("tea, the first version says") != std::string::npos,
             approved.out + approved.err);
  file("reviewed.toml", "nothing that could be read");
  const auto why = troupe({"why", run, "--data", data});
  BOOST_TEST(why.code == 0, why.err);
  BOOST_TEST(why.out.find("part.ask") != std::string::npos, why.out);
}

BOOST_AUTO_TEST_SUITE_END()
