// The table of faults in docs/operations.md, row by row.

#include "faults/scenarios.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace troupe::test;

namespace {

const std::map<std::string, void (*)()> scenarios = {
    {"the process is killed", process_is_killed},
    {"the disk is full", disk_is_full},
    {"the disk is read-only", disk_is_read_only},
    {"the disk turns read-only while it runs", disk_turns_read_only},
    {"a file of the journal may grow no further", files_may_not_grow},
    {"the data folder is in use", folder_is_in_use},
    {"the end of the journal is torn or damaged", end_of_journal_is_damaged},
    {"the journal is damaged further inside", middle_of_journal_is_damaged},
    {"a file of the store is missing or damaged", file_of_store_is_damaged},
    {"a record of the store is damaged", record_of_store_is_damaged},
    {"the machine's clock is set", clock_is_set},
    {"no file descriptors are left", no_file_descriptors_are_left},
    {"a model runs out of memory", model_is_out_of_memory},
    {"a stage throws", stage_throws},
    {"a stage hangs", stage_hangs},
    {"a stage runs out of memory", stage_is_out_of_memory},
    {"a stage answers twice", stage_answers_twice},
    {"a stage never answers", stage_never_answers},
    {"a real actor dies of a call", actor_dies},
};

/// The first cells of the table under the heading `Faults`.
std::vector<std::string> rows() {
  std::vector<std::string> found;
  std::ifstream in(TROUPE_SOURCE_DIR "/docs/operations.md");
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) inside = line == "## Faults";
    if (!inside || !line.starts_with("| ") || line.starts_with("| fault |")) continue;
    found.push_back(line.substr(2, line.find(" |", 2) - 2));
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(every_row_has_a_scenario_and_every_scenario_a_row) {
  std::set<std::string> tried, written;
  for (const auto& [name, scenario] : scenarios) tried.insert(name);
  for (const std::string& row : rows()) BOOST_TEST(written.insert(row).second, "twice: " << row);
  BOOST_TEST(tried == written, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(what_the_table_says_happens, boost::unit_test::data::make(rows()), row) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto found = scenarios.find(row);
  BOOST_REQUIRE_MESSAGE(found != scenarios.end(), "no scenario is called `" << row << "`");
  found->second();
}

BOOST_AUTO_TEST_SUITE_END()
