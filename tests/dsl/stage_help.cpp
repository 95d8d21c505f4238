// tests/golden/stages holds what is told about stage types; TROUPE_UPDATE_GOLDEN=1 writes it anew.

#include "dsl/stage_help.hpp"

#include "actors/stages/builtin.hpp"
#include "dsl/table_reader.hpp"
#include "support/file_content.hpp"
#include "test_stages.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using namespace troupe;
using test::content;

registry builtin_stages() {
  registry r;
  add_builtin_stages(r);
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(help_of_a_stage_type)

BOOST_AUTO_TEST_CASE(is_the_one_in_the_golden_file) {
  const bool update = std::getenv("TROUPE_UPDATE_GOLDEN") != nullptr;
  const registry own = builtin_stages();
  for (const char* name : {"generate", "set", "echo"}) {
    const stage_type* type = own.find(name) ? own.find(name) : test::test_stages().find(name);
    BOOST_REQUIRE(type);
    const fs::path file =
        fs::path(TROUPE_SOURCE_DIR) / "tests/golden/stages" / (std::string(name) + ".txt");
    const std::string said = help_of(*type);
    if (update) std::ofstream(file, std::ios::binary) << said;
    BOOST_TEST(said == content(file), "about " << name << " is said now:\n" << said);
  }
}

BOOST_AUTO_TEST_CASE(has_an_example_whose_parameters_are_right) {
  const registry own = builtin_stages();
  for (const registry* all : {&own, &test::test_stages()})
    for (const auto& [name, type] : all->all()) {
      std::vector<diagnostic> findings;
      const auto example = toml::parse(example_of(type));
      const value stage = read_value(*example["stage"]["my_" + name].as_table(), findings).plain;
      BOOST_TEST(stage.find("use")->as_text() == name);
      const value* with = stage.find("with");
      for (const param& p : type.params) {
        const value* given = with ? with->find(p.name) : nullptr;
        BOOST_TEST((given != nullptr) == p.required, name << " " << p.name);
        if (given) BOOST_TEST(!p.complaint(*given), name << " " << p.name);
      }
    }
}

BOOST_AUTO_TEST_CASE(is_there_as_json) {
  BOOST_TEST(boost::json::serialize(to_json(*test::test_stages().find("recall"))) ==
             R"({"name":"recall","summary":"","streams":false,"inputs":[{"name":"question",)"
             R"("type":"text","optional":false,"doc":"what was asked"}],"outputs":[{"name":"hit",)"
             R"("type":"bool","optional":false,"doc":"whether it is known"},{"name":"reply",)"
             R"("type":"text","optional":true,"doc":"the known answer"}],"parameters":[],)"
             R"("example":"[stage.my_recall]\nuse  = \"recall\"\n"})");
}

BOOST_AUTO_TEST_SUITE_END()
