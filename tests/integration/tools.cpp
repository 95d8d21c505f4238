// `troupe init`, `draw`, `schema` and `stages` as a person meets them.

#include "support/command_line.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>

using namespace troupe::test;

namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(the_tools, command_line)

BOOST_AUTO_TEST_CASE(make_a_folder_that_builds_and_passes_its_tests_at_once) {
  setenv("TROUPE", TROUPE_SOURCE_DIR, 1);
  setenv("TROUPE_BUILD", TROUPE_BINARY_DIR, 1);
  const fs::path made = folder.path() / "my-bot";
  const auto init = troupe({"init", made});
  BOOST_TEST(init.code == 0, init.err);
  BOOST_TEST(init.out.find("shout.cpp") != std::string::npos, init.out);
  const auto built = run({made / "build"});
  BOOST_TEST(built.code == 0, built.err);
  const auto checked = troupe({"check", made / "pipeline.toml"});
  BOOST_TEST(checked.out.starts_with("ok: graph `my_bot`"), checked.out + checked.err);
  const auto tested = troupe({"test", made});
  BOOST_TEST(tested.code == 0, tested.out + tested.err);
  BOOST_TEST(tested.out.find("2 passed, 0 failed") != std::string::npos, tested.out);
  const auto told = troupe({"stages", "shout", "--plugins", made / "libshout.so"});
  BOOST_TEST(told.out.find("from 1 to 9; default 1") != std::string::npos, told.out + told.err);
  const auto schema = troupe({"schema", "--plugins", made / "libshout.so"});
  BOOST_TEST(boost::json::parse(schema.out)
                 .as_object()
                 .at("definitions")
                 .as_object()
                 .contains("with_shout"));
}

BOOST_AUTO_TEST_CASE(do_not_write_into_a_folder_with_something_in_it) {
  write_file(folder.path() / "thesis.txt", "years of work");
  const auto init = troupe({"init", folder.path()});
  BOOST_TEST(init.code == 1);
  BOOST_TEST(init.err.find("is not an empty folder") != std::string::npos, init.err);
  BOOST_TEST(!fs::exists(folder.path() / "pipeline.toml"));
}

BOOST_AUTO_TEST_CASE(draw_in_three_formats_and_refuse_others) {
  const fs::path graph = fs::path(TROUPE_SOURCE_DIR) / "tests/golden/drawings/party.toml";
  BOOST_TEST(troupe({"draw", graph}).out.find("┏━") != std::string::npos);
  BOOST_TEST(troupe({"draw", graph, "--format", "mermaid"}).out.starts_with("flowchart TD\n"));
  BOOST_TEST(troupe({"draw", graph, "--format", "dot"}).out.starts_with("digraph \"party\" {\n"));
  BOOST_TEST(troupe({"draw", graph, "--format", "crayon"}).code == 2);
}

BOOST_AUTO_TEST_CASE(tell_editors_what_is_wrong_and_what_it_costs) {
  const fs::path graph = fs::path(TROUPE_SOURCE_DIR) / "tests/golden/drawings/party.toml";
  const auto good = troupe({"check", "--json", graph});
  BOOST_TEST(good.code == 0);
  const auto told = boost::json::parse(good.out);
  BOOST_TEST(told.at("ok").as_bool());
  BOOST_TEST(told.at_pointer("/bill/model_calls").as_int64() == 0);
  write_file(folder.path() / "wrong.toml", "[graph]\nname = \"x\"\n");
  const auto wrong = troupe({"check", "--json", folder.path() / "wrong.toml"});
  BOOST_TEST(wrong.code == 1);
  BOOST_TEST(wrong.err == "");
  const auto findings = boost::json::parse(wrong.out);
  BOOST_TEST(!findings.at("ok").as_bool());
  BOOST_TEST(findings.at_pointer("/diagnostics/0/kind").as_string() == "missing-key");
}

BOOST_AUTO_TEST_CASE(complain_about_a_plugin_that_is_not_there) {
  const auto schema = troupe({"schema", "--plugins", "./libnowhere.so"});
  BOOST_TEST(schema.code == 1);
  BOOST_TEST(schema.out == "");
  BOOST_TEST(schema.err.find("`./libnowhere.so` cannot be loaded") != std::string::npos,
             schema.err);
}

BOOST_AUTO_TEST_SUITE_END()
