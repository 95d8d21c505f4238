#pragma once
// What a test expects of a run, and what is said when the run was otherwise.

#include "dsl/alignment.hpp"
#include "pipeline/clock.hpp"
#include "pipeline/graph.hpp"

namespace troupe {

/// What is not given is not looked at.
struct expectation {
  /// About the reply, or about the message of an error that is expected. The case of ASCII letters
  /// is passed over.
  std::vector<located<std::string>> contains, excludes;
  std::optional<std::string> reply;         ///< the whole of it
  std::vector<located<std::string>> holds;  ///< conditions over the slots at the end
  std::vector<std::pair<located<std::string>, value>> slots;  ///< and the value each must have
  std::vector<expected_part> path;  ///< the stages in the order of their start
  source_range path_at;
  std::vector<located<std::string>> events;  ///< "STAGE STATE", in this order, others between them
  located<duration> within;
  located<std::string> error;  ///< the run fails, with this code
};

/// How a run was.
struct run_outcome {
  bool failed = false;
  std::string code;                 ///< of an error
  std::string text;                 ///< the reply, or what the error says
  value slots;                      ///< a table
  std::vector<std::string> path;    ///< stages in the order of their start
  std::vector<std::string> events;  ///< as in `expectation::events`
  duration took{};
};

struct complaint {
  std::string message;
  std::vector<std::string> difference;  ///< lines; may be empty
};

/// What is wrong with a run; empty if all is as expected.
std::vector<complaint> compare(const expectation& wanted, const run_outcome& run);

/// What can be seen before anything runs: slots, stages, conditions and codes that are not there.
/// Kinds: `unknown-slot`, `unknown-target`, `bad-value`, and those of conditions.
std::vector<diagnostic> check_expectation(const expectation& wanted, const graph& plan);

}  // namespace troupe
