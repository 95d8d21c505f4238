#pragma once
// The files of `troupe test`: dialogues and jobs, what comes back, and what scripted engines and
// reviewers say meanwhile. The language is in docs/graph-reference.md#tests.

#include "dsl/expectation.hpp"
#include "pipeline/engine_script.hpp"

namespace troupe {

/// What a scripted reviewer does.
struct test_decision {
  enum class kind : std::uint8_t {
    approve,
    reject,
    edit,
    expire,  ///< nobody decides until the review expires
  };
  kind what = kind::approve;
  std::string text;  ///< of an edit the new text, else the comment
};

struct test_reviews {
  /// One decision for all reviews; otherwise each is for one, and there must be as many reviews.
  bool for_all = true;
  std::vector<test_decision> decisions{{}};
  source_range at;
};

struct scripted_model {
  located<std::string> name;
  engine_script script;
};

/// One turn of a dialogue, or a job.
struct test_run {
  value::table input;  ///< `say` of a turn is `text` in it
  test_reviews reviews;
  expectation expect;
  source_range at;
};

struct test_case {
  enum class kind : std::uint8_t { dialogue, job };
  kind what = kind::dialogue;
  std::string name;
  std::vector<scripted_model> engines;  ///< in place of those of the file with the same name
  std::vector<test_run> runs;           ///< of a job one
  source_range at;
};

struct test_file {
  std::filesystem::path file;
  std::string text;
  std::vector<scripted_model> engines;  ///< each test has them from their beginning
  std::vector<test_case> cases;         ///< in the order of the file

  /// Models that some test of the file has a script for.
  std::vector<std::string> scripted_models() const;
};

struct read_tests {
  test_file tests;
  std::vector<diagnostic> findings;
};

/// Kinds of findings: those of graph files, as far as they concern tables and values.
read_tests read_test_file(std::string text, std::filesystem::path file);

/// What the tests name and the graph does not have, in order of place. Kinds: `unknown-slot`,
/// `unknown-target`, `unknown-model`, `bad-value`, and those of conditions.
std::vector<diagnostic> check_tests(const test_file& tests, const graph& plan);

}  // namespace troupe
