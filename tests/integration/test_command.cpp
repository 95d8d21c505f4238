// `troupe test` as a person meets it: a folder whose tests fail in every way, word for word.
// TROUPE_UPDATE_GOLDEN=1 writes what is said now; look at the difference before it is kept.

#include "support/command_line.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace troupe::test;

namespace fs = std::filesystem;

namespace {

const fs::path goldens = fs::path(TROUPE_SOURCE_DIR) / "tests/golden/tests";

struct letters : command_line {
  fs::path graph = folder.path() / "letters";
  letters() { fs::copy(goldens / "letters", graph, fs::copy_options::recursive); }

  /// The text with the folder's name taken out; golden/tests/`name` has it.
  void compare(const std::string& name, std::string said) {
    const std::string path = folder.path();
    for (std::size_t at; (at = said.find(path + '/')) != said.npos;)
      said.erase(at, path.size() + 1);
    if (std::getenv("TROUPE_UPDATE_GOLDEN")) write_file(goldens / name, said);
    std::stringstream wanted;
    wanted << std::ifstream(goldens / name).rdbuf();
    BOOST_TEST(said == wanted.str(), "this was said:\n" << said);
  }
  /// Puts a file of tests in the place of all others.
  void only(const std::string& name) {
    fs::remove_all(graph / "dialogues");
    fs::remove_all(graph / "jobs");
    fs::create_directory(graph / "jobs");
    fs::copy(goldens / name, graph / "jobs" / name);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_test_command, letters)

BOOST_AUTO_TEST_CASE(tells_what_differs) {
  const auto done = troupe({"test", graph});
  BOOST_TEST(done.code == 1);
  compare("letters.txt", done.out + done.err);
}

BOOST_AUTO_TEST_CASE(plays_only_what_the_filter_lets_through) {
  const auto right = troupe({"test", graph, "--filter", "IS RIGHT"});
  BOOST_TEST(right.code == 0, right.out + right.err);
  BOOST_TEST(right.out == "1 passed, 0 failed\n");
  BOOST_TEST(
      troupe({"test", graph, "--filter", "talk.toml"}).out.ends_with("1 passed, 1 failed\n"));
  const auto none = troupe({"test", graph, "--filter", "sonnet"});
  BOOST_TEST(none.code == 1);
  BOOST_TEST(none.err == "troupe: no test has `sonnet` in its name or file\n");
}

BOOST_AUTO_TEST_CASE(shows_every_run_if_asked) {
  compare("shown.txt", troupe({"test", graph, "--show", "--filter", "is right"}).out);
}

BOOST_AUTO_TEST_CASE(reports_as_json) {
  const auto done = troupe({"test", graph, "--json", "--filter", "expected"});
  BOOST_TEST(done.code == 1);
  const auto report = boost::json::parse(done.out);
  BOOST_TEST(report.at("passed").as_int64() == 1);
  BOOST_TEST(report.at("failed").as_int64() == 1);
  const auto& good = report.at("tests").at(0);
  BOOST_TEST(good.at("name").as_string() == "an error that is expected");
  BOOST_TEST(good.at("kind").as_string() == "job");
  BOOST_TEST(good.at("passed").as_bool());
  BOOST_TEST(good.at_pointer("/runs/0/error/code").as_string() == "failed");
  BOOST_TEST(good.at_pointer("/runs/0/path/0").as_string() == "write");
  BOOST_TEST(good.at_pointer("/runs/0/complaints").as_array().empty());
  BOOST_TEST(report.at_pointer("/tests/1/runs/0/complaints/0/message")
                 .as_string()
                 .starts_with("the run should fail with `budget`"));
}

BOOST_AUTO_TEST_CASE(plays_nothing_of_files_that_it_cannot_read) {
  only("wrong.toml");
  const auto wrong = troupe({"test", graph});
  BOOST_TEST(wrong.code == 1);
  compare("wrong.txt", wrong.out + wrong.err);
}

BOOST_AUTO_TEST_CASE(knows_names_that_the_graph_does_not_have) {
  only("unknown_names.toml");
  const auto wrong = troupe({"test", graph});
  BOOST_TEST(wrong.code == 1);
  compare("unknown_names.txt", wrong.out + wrong.err);
}

BOOST_AUTO_TEST_SUITE_END()
