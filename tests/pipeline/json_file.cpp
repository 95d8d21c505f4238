#include "pipeline/json_file.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

namespace troupe {

BOOST_AUTO_TEST_SUITE(json_files)

BOOST_AUTO_TEST_CASE(a_file_of_json_is_read_as_a_value) {
  test::temporary_folder folder;
  std::ofstream(folder.path() / "a.json") << "{\"ORD-1\": {\"item\": {\"zh\": \"台灯\"}}}\n";
  const auto read = read_json_file(folder.path() / "a.json");
  BOOST_REQUIRE(read);
  BOOST_TEST(read->find("ORD-1")->find("item")->find("zh")->as_text() == "台灯");
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_named_with_its_line) {
  test::temporary_folder folder;
  const auto file = folder.path() / "b.json";
  for (auto [text, line] :
       {std::pair{"{\n \"a\": 1,\n \"b\": oops\n}\n", "line 3"}, std::pair{"{\n\"a\": 1", "line 2"},
        std::pair{"", "line 1"}, std::pair{"{}\n{}", "line 2"}}) {
    std::ofstream(file) << text;
    const auto read = read_json_file(file);
    BOOST_REQUIRE(!read);
    BOOST_TEST((read.error().code == errc::invalid_request));
    BOOST_TEST(read.error().message.find("b.json") != std::string::npos);
    BOOST_TEST(read.error().message.find(line) != std::string::npos, read.error().message);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
  const auto read = read_json_file("/nowhere/c.json");
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::not_found));
  BOOST_TEST(read.error().message.find("/nowhere/c.json") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace troupe
