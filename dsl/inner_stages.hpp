#pragma once
// Stages of a sub-graph as they stand in the outer graph: names behind a prefix, paths from the
// outer graph's folder.

#include "pipeline/graph.hpp"

namespace troupe {

/// All names of stages and slots that `spec` mentions get `prefix`; so do its scopes.
stage_spec moved_stage(stage_spec spec, const std::string& prefix);

/// A stage that asks the only one of `models` without naming it names it from now on. `node` is the
/// stage, linked.
void name_only_model(stage_spec& spec, const stage_node& node,
                     const std::vector<model_spec>& models);

/// A relative path in a file in `folder`, from where `folder` is named.
std::string moved_path(const std::string& path, const std::filesystem::path& folder);

/// The same for all files and folders among a stage's parameters.
void move_files(stage_spec& spec, const stage_type& type, const std::filesystem::path& folder);

/// By stage: whether it runs in a branch of a fan-out.
std::vector<bool> stages_in_branches(const graph& g);

}  // namespace troupe
