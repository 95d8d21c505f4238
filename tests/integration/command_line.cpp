// The `troupe` command as a person or a script meets it: exit codes, and what goes where.

#include "support/command_line.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

using namespace troupe::test;

namespace {

constexpr std::string_view greeting = R"([graph]
name   = "greeting"
start  = "greet"
output = "reply"

[input]
text = "text"

[stage.greet]
use  = "template"
with = { template = "Hello {text}, 你好!" }
out  = { text = "reply" }
)";

/// `greeting` with the stage type misspelt, and a target that is nowhere.
constexpr std::string_view wrong = R"([graph]
name   = "greeting"
start  = "greet"
output = "reply"

[input]
text = "text"

[stage.greet]
use  = "templat"
with = { template = "Hello {text}, 你好!" }
out  = { text = "reply" }

[stage.other]
use  = "template"
with = { template = "{text}" }
out  = { text = "reply" }
next = "nowhere"
)";

/// Its draft is never good enough.
constexpr std::string_view with_a_loop = R"([graph]
name   = "loop"
start  = "write"
output = "draft"

[input]
text = "text"

[stage.write]
use  = "template"
with = { template = "Hello {text}" }
out  = { text = "draft" }
next = "check"

[stage.check]
use  = "satisfaction"
with = { criteria = ["length"], min_words = 100 }
in   = { draft = "draft" }

[[stage.check.next]]
when = "score >= 0.9"
to   = "end"

[[stage.check.next]]
to        = "write"
max       = 2
best_by   = "score"
exhausted = "end"

[stage.end]
use  = "template"
with = { template = "{draft}" }
out  = { text = "draft" }
)";

/// Works, but `spare` is written and never read.
constexpr std::string_view with_a_warning = R"([graph]
name   = "greeting"
start  = "extra"
output = "reply"

[input]
text = "text"

[stage.extra]
use  = "set"
with = { values = { extra = 1 } }
out  = { extra = "spare" }
next = "greet"

[stage.greet]
use  = "template"
with = { template = "Hello {text}" }
out  = { text = "reply" }
)";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_command_line, command_line)

BOOST_AUTO_TEST_CASE(checks_a_good_graph_with_exit_code_0) {
  const auto done = troupe({"check", file("good.toml", greeting)});
  BOOST_TEST(done.code == 0);
  BOOST_TEST(done.out.starts_with("ok: "), done.out);
  BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(says_all_that_is_wrong_with_a_graph_by_file_line_and_column) {
  const auto name = file("wrong.toml", wrong);
  const auto done = troupe({"check", name});
  BOOST_TEST(done.code == 1);
  BOOST_TEST(done.out == "");
  const auto line_of = [&](std::string_view place) {
    return done.err.find(name + ":" + std::string(place)) != std::string::npos;
  };
  BOOST_TEST(line_of("10:8: error: "), done.err);
  BOOST_TEST(done.err.find("did you mean `template`?") != std::string::npos, done.err);
  BOOST_TEST(line_of("18:8: error: "), done.err);
}

BOOST_AUTO_TEST_CASE(calls_wrong_usage_2_and_a_failure_1) {
  const auto good = file("good.toml", greeting);
  BOOST_TEST(troupe({}).code == 2);
  BOOST_TEST(troupe({"chekc", good}).code == 2);
  BOOST_TEST(troupe({"check"}).code == 2);
  BOOST_TEST(troupe({"check", good, "--no-such-flag"}).code == 2);
  BOOST_TEST(troupe({"check", folder.path() / "missing.toml"}).code == 1);
  BOOST_TEST(troupe({"stages", "no_such_stage"}).code == 1);
}

BOOST_AUTO_TEST_CASE(prints_the_output_slot_of_a_run_and_nothing_else_on_stdout) {
  const auto done = troupe({"run", file("good.toml", greeting), "--set", "text=世界"});
  BOOST_TEST(done.code == 0);
  BOOST_TEST(done.out == "Hello 世界, 你好!\n");
  BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(keeps_warnings_and_the_trace_of_a_run_off_stdout) {
  const auto name = file("warning.toml", with_a_warning);
  const auto done = troupe({"run", name, "--set", "text=you", "--trace"});
  BOOST_TEST(done.code == 0);
  BOOST_TEST(done.out == "Hello you\n");
  BOOST_TEST(done.err.find(name + ":12:") != std::string::npos, done.err);
  BOOST_TEST(done.err.find("warning: ") != std::string::npos, done.err);
  BOOST_TEST(done.err.find("greet finished") != std::string::npos, done.err);
}

BOOST_AUTO_TEST_CASE(tells_in_the_trace_each_round_of_a_loop_and_which_one_was_kept) {
  const auto done = troupe({"run", file("loop.toml", with_a_loop), "--set", "text=you", "--trace"});
  BOOST_TEST(done.code == 0, done.err);
  for (const char* told : {"attempt 1: `score` = ", "attempt 2: `score` = ", "kept: attempt 1"})
    BOOST_TEST(done.err.find(told) != std::string::npos, told << " is not in " << done.err);
}

BOOST_AUTO_TEST_CASE(knows_the_inputs_of_a_graph_by_name) {
  const auto good = file("good.toml", greeting);
  const auto other = troupe({"run", good, "--set", "txet=you"});
  BOOST_TEST(other.code != 0);
  BOOST_TEST(other.err.find("takes no input `txet`; its inputs are `text`") != std::string::npos,
             other.err);
  const auto twice = troupe({"run", good, "--set", "text=you", "--set", "text=me"});
  BOOST_TEST(twice.code != 0);
  BOOST_TEST(twice.err.find("`text` is set already") != std::string::npos, twice.err);
}

BOOST_AUTO_TEST_CASE(prints_the_final_event_of_a_run_as_json_when_asked) {
  const auto done = troupe({"run", file("good.toml", greeting), "--set", "text=you", "--json"});
  BOOST_TEST(done.code == 0);
  const auto event = boost::json::parse(done.out);
  BOOST_TEST(event.at("type").as_string() == "final");
  BOOST_TEST(event.at("reply").as_string() == "Hello you, 你好!");
}

BOOST_AUTO_TEST_CASE(fails_a_run_with_1_and_the_reason_on_stderr) {
  const auto good = file("good.toml", greeting);
  for (const auto& input : std::vector<std::vector<std::string>>{
           {}, {"--set", "text"}, {"--set", "text=x", "--set", "nope=1"}}) {
    std::vector<std::string> words = {"run", good};
    words.insert(words.end(), input.begin(), input.end());
    const auto done = troupe(words);
    BOOST_TEST(done.code == 1);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err.starts_with("troupe: "), done.err);
  }
}

BOOST_AUTO_TEST_CASE(remembers_a_conversation_between_runs_on_one_data_folder) {
  const auto good = file("good.toml", greeting);
  const std::string data = folder.path() / "data";
  for (const char* text : {"text=one", "text=二"})
    BOOST_TEST(troupe({"run", good, "--data", data, "--conversation", "c", "--set", text}).code ==
               0);
  // Event numbers go on where they stood: started, finished and final of each turn.
  const auto third =
      troupe({"run", good, "--data", data, "--conversation", "c", "--set", "text=3", "--json"});
  BOOST_TEST(boost::json::parse(third.out).at("seq").as_int64() == 9);
}

BOOST_AUTO_TEST_CASE(helps_and_lists_the_stages_on_stdout) {
  const auto help = troupe({"stages", "--help"});
  BOOST_TEST(help.code == 0);
  BOOST_TEST(help.out.find("Usage: troupe stages") != std::string::npos, help.out);
  const auto list = troupe({"stages"});
  BOOST_TEST(list.code == 0);
  for (const char* name : {"template", "set", "intent", "generate"})
    BOOST_TEST(list.out.find(name) != std::string::npos, name);
  const auto one = troupe({"stages", "template"});
  BOOST_TEST(one.code == 0);
  BOOST_TEST(one.out.starts_with("template"), one.out);
}

BOOST_AUTO_TEST_SUITE_END()
