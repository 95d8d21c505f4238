#pragma once
// A local model as an engine.

#include "model/api.hpp"

namespace troupe {

result<std::shared_ptr<language_model>> open_local_engine(const std::filesystem::path& folder,
                                                          const engine_options& options);

}  // namespace troupe
