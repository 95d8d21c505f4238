#pragma once
// The parts of the reader, one per family of tables.

#include "dsl/table_reader.hpp"
#include "pipeline/graph_spec.hpp"

namespace troupe {

/// [graph]
void read_graph_table(table_reader& table, graph_spec& spec);
/// One entry of [input].
input_spec read_input(const table_reader::item& entry, std::vector<diagnostic>& findings);
/// [model.NAME]
model_spec read_model(const table_reader::item& entry, std::vector<diagnostic>& findings);
/// [stage.NAME]
stage_spec read_stage(const table_reader::item& entry, std::vector<diagnostic>& findings);
/// `next` of a stage: a name, a list of edges, or a fan-out.
void read_next(table_reader& stage, stage_spec& spec);

}  // namespace troupe
