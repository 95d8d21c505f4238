#pragma once
// Runs that could not be finished, as they lie in the store until somebody tries them again or
// drops them. A dead letter is the record of its run.

#include "pipeline/journal.hpp"

namespace troupe {

/// By run; at most `limit`, beginning behind the run `after`.
result<std::vector<run_record>> read_dead_letters(const store& s, std::string_view after,
                                                  std::size_t limit);
/// Error: `not_found`, when the run is no dead letter.
result<run_record> read_dead_letter(const store& s, std::string_view run);

/// As programs read it: {run, conversation?, accepted, error: {code, message}, input, slots}.
value dead_letter_value(const run_record& r);
/// What `read_dead_letters` finds, as a list of these.
result<value> list_dead_letters(const store& s, std::string_view after, std::size_t limit);

}  // namespace troupe
