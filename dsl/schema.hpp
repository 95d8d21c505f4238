#pragma once
// A JSON Schema of the graph language, so that editors which know one (taplo, Even Better TOML)
// complete keys, stage types and their parameters, and say what each is for.

#include "pipeline/registry.hpp"

#include <boost/json/fwd.hpp>

namespace troupe {

/// Draft 7. Tables, keys and ranges of the language, and of every registered stage type its
/// parameters and ports. It finds slips while one types; `troupe check` finds more.
boost::json::value schema_of(const registry& types);

}  // namespace troupe
