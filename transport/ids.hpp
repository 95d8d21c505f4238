#pragma once
// Names for things that a client did not name itself.

#include <string>
#include <string_view>

namespace troupe {

/// `prefix` and 16 hex digits from a generator that is seeded by the machine, one per thread.
std::string make_id(std::string_view prefix);

}  // namespace troupe
