#pragma once
// From a graph's `[model.NAME]` table to an engine that can be asked.

#include "model/api.hpp"
#include "pipeline/graph_spec.hpp"

namespace troupe {

/// `device` and `dtype` as graphs write them; an error names what they may be.
result<engine_options> engine_options_of(const model_spec& spec);

/// Opens the engine that `spec` describes; a relative `path` starts at `base` (the graph's folder).
/// Loads weights, so it may take seconds. Kinds: "local".
result<std::shared_ptr<engine>> open_engine(const model_spec& spec,
                                            const std::filesystem::path& base);

/// Opens a model's folder, through the prompt format that it declares, if it declares one.
result<std::shared_ptr<engine>> open_model_folder(const std::filesystem::path& folder,
                                                  const engine_options& options);

}  // namespace troupe
