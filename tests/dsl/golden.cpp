// Every wrong graph in tests/golden/wrong has beside it exactly what is said about it.
// TROUPE_UPDATE_GOLDEN=1 writes what is said now; look at the difference before it is kept.

#include "dsl/diagnostics.hpp"
#include "support/file_content.hpp"
#include "test_stages.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

namespace {

namespace fs = std::filesystem;
using namespace troupe;
using test::content;

std::set<fs::path> graphs_in(const char* folder) {
  std::set<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(TROUPE_SOURCE_DIR) / "tests/golden" / folder))
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  return files;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wrong_graphs_in_files)

BOOST_AUTO_TEST_CASE(are_told_what_is_wrong_word_for_word) {
  auto files = graphs_in("wrong");
  BOOST_TEST(files.size() >= 60u);
  const bool update = std::getenv("TROUPE_UPDATE_GOLDEN") != nullptr;
  for (const fs::path& file : files) {
    loaded l = load_graph_text(content(file), file.filename(), test::test_stages());
    BOOST_TEST(l.graph == nullptr, file << " has an error and yet a graph");
    BOOST_TEST(has_errors(l.diagnostics), file << " is not wrong");
    std::string said = render(l);
    fs::path expected = fs::path(file).replace_extension(".txt");
    if (update) std::ofstream(expected, std::ios::binary) << said;
    BOOST_TEST(said == content(expected), "about " << file << " was said:\n" << said);
  }
}

BOOST_AUTO_TEST_CASE(can_be_damaged_further_without_doing_harm) {
  std::mt19937 random(20240607);
  auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::string pieces[] = {"\"",   "'",  "[",      "]",  "{",    "}",         "=",
                                ".",    "\n", "\"\"\"", "\\", "#",    "，",        "\xE4",
                                "\x1b", "0",  "-1",     "a",  "next", "when = \"", "!"};
  for (const fs::path& file : graphs_in("wrong")) {
    const std::string whole = content(file);
    for (int round = 0; round < 100; ++round) {
      std::string text = whole;
      for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
        std::size_t at = below(text.size() + 1), length = below(8);
        if (below(2) == 0)
          text.erase(at, length);
        else
          text.insert(at, pieces[below(std::size(pieces))]);
      }
      loaded l = load_graph_text(text, file.filename(), test::test_stages());
      for (const diagnostic& d : l.diagnostics) BOOST_TEST(!d.message.empty());
      BOOST_TEST((l.graph == nullptr) == has_errors(l.diagnostics));
      BOOST_TEST(render(l).empty() == l.diagnostics.empty());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(right_graphs_in_files)

BOOST_AUTO_TEST_CASE(are_not_refused_and_not_warned_of) {
  auto files = graphs_in("right");
  BOOST_TEST(files.size() >= 60u);
  for (const fs::path& file : files) {
    loaded l = load_graph_text(content(file), file.filename(), test::test_stages());
    BOOST_TEST(l.graph, "about " << file << " was said:\n" << render(l));
    for (const diagnostic& d : l.diagnostics)
      BOOST_TEST(d.kind == "unused-slot", "about " << file << " was said:\n" << render(l));
  }
}

BOOST_AUTO_TEST_SUITE_END()
