#pragma once
// From a graph's `[model.NAME]` table to an engine that can be asked.

#include "model/api.hpp"
#include "pipeline/graph_spec.hpp"
#include "pipeline/http_stream.hpp"

#include <map>

namespace troupe {

/// `device` and `dtype` as graphs write them; an error names what they may be.
result<engine_options> engine_options_of(const model_spec& spec);

/// Opens the model itself, of kind "local", past any prompt format that its folder declares.
result<std::shared_ptr<language_model>> open_language_model(const model_spec& spec,
                                                            const std::filesystem::path& base);

/// Opens the engine that `spec` describes; a relative `path` starts at `base` (the graph's folder).
/// A local one loads weights, so it may take seconds; a remote one is not asked yet.
result<std::shared_ptr<engine>> open_engine(const model_spec& spec,
                                            const std::filesystem::path& base,
                                            const http_streamer_factory& http);

using engine_map = std::map<std::string, std::shared_ptr<engine>, std::less<>>;

/// Opens all engines of a graph by `open`, by [model.NAME], each with its breaker and its fallback
/// (guarded_engine.hpp). Those in `given` stand in place of what the graph describes, and have no
/// breaker.
result<engine_map> open_engines(
    const std::vector<model_spec>& models,
    const std::function<result<std::shared_ptr<engine>>(const model_spec&)>& open,
    const std::map<std::string, std::shared_ptr<engine>>& given = {});

/// Opens a model's folder, through the prompt format that it declares, if it declares one.
result<std::shared_ptr<engine>> open_model_folder(const std::filesystem::path& folder,
                                                  const engine_options& options);

}  // namespace troupe
