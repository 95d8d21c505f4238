#pragma once
// The parts that dialogues and jobs of test files have in common.

#include "dsl/table_reader.hpp"
#include "dsl/test_file.hpp"

namespace troupe {

/// [engine.NAME], or several [[engine.NAME]] for rules that are tried in order.
void read_engines(table_reader& in, std::vector<scripted_model>& out);

/// `input`, `review` and `expect` of a turn or job.
void read_run_parts(table_reader& in, test_run& run);

}  // namespace troupe
