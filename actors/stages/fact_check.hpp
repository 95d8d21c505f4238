#pragma once
// Whether what a text states as a fact stands in its sources. Facts are those of model/facts.hpp;
// numbers are compared by value, however they are written (`1,250`, `1250`, `三`, `three`), so that
// a rewording is no invention. Letter case, width and spaces make no difference.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stages {

/// The facts of `text`, as written there, that none of the `sources` holds; each once, in order.
std::vector<std::string> unfounded_facts(std::string_view text,
                                         std::span<const std::string> sources);

}  // namespace troupe::stages
