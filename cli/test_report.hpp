#pragma once
// What `troupe test` says of the tests that it played.

#include "cli/test_player.hpp"

#include <iosfwd>

namespace troupe {

/// The runs that went wrong, or all of them, with what was said, what came back and what differs.
void print_test(std::ostream& out, const played_test& t, bool all);

/// {passed, failed, tests: [{file, line, kind, name, passed, runs: [{line, input, reply | error,
/// slots, path, events, ms, complaints: [{message, difference}]}]}]}
value report_of(const std::vector<played_test>& tests);

}  // namespace troupe
