#pragma once
// Decoders of every family once more, in float64 and as plainly as possible: no cache, no batches,
// every sequence computed anew. Written from the models' papers and files, sharing nothing with
// what it is compared with.

#include "tests/support/random_model.hpp"

namespace troupe::test {

/// The scores for the token that follows `ids`, of which the first `prompt` were given at once and
/// the others came one by one: positions that depend on a length depend on that at the time.
std::vector<double> reference_scores(const boost::json::object& config,
                                     const random_weights& weights,
                                     const std::vector<std::int64_t>& ids, std::size_t prompt);

}  // namespace troupe::test
