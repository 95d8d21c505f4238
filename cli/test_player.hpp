#pragma once
// Plays tests on a running graph: says what the user says, decides what a reviewer decides, and
// notes how each run was.

#include "cli/command.hpp"
#include "dsl/test_file.hpp"
#include "model/scripted_engine.hpp"

namespace troupe {

struct played_run {
  const test_run* run = nullptr;
  run_outcome outcome;
  std::vector<complaint> complaints;
};

struct played_test {
  const test_file* file = nullptr;
  const test_case* test = nullptr;
  std::vector<played_run> runs;
  bool passed() const noexcept;
};

class test_player {
 public:
  /// Starts the graph with an engine from a script for each of these models. Complains and gives
  /// nothing if it cannot start.
  static std::unique_ptr<test_player> start(command_context& c, std::shared_ptr<const graph> plan,
                                            const std::vector<std::string>& scripted);

  /// Runs one test to its end, in a conversation of its own. `file` and `test` outlive the answer.
  played_test play(const test_file& file, const test_case& test);

 private:
  played_run play(const test_run& run, const std::string& conversation);
  void load_scripts(const test_file& file, const test_case& test);
  bool decide(const std::string& run, const test_decision& d);

  skipping_clock time_;  ///< outlives engines and graph
  std::map<std::string, std::shared_ptr<scripted_engine>> engines_;
  std::optional<running_graph> graph_;
  int conversations_ = 0;
};

}  // namespace troupe
