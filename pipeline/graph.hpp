#pragma once
// A graph ready to run: names resolved to indexes, conditions bound, immutable and shared by all
// runs that started on it.

#include "pipeline/condition.hpp"
#include "pipeline/graph_spec.hpp"
#include "pipeline/registry.hpp"

namespace troupe {

using stage_id = std::int32_t;
inline constexpr stage_id no_stage = -1;
inline constexpr slot_id no_slot = -1;

struct retry_policy {
  int attempts = 1;  ///< in all, the first included
  duration backoff_min = std::chrono::milliseconds(100);
  duration backoff_max = std::chrono::seconds(5);
  std::vector<errc> on = {errc::timeout, errc::unavailable, errc::overloaded, errc::rate_limited};
};

struct restart_policy {
  int max = 5;
  duration within = std::chrono::seconds(30);
  duration backoff_min = std::chrono::milliseconds(100);
  duration backoff_max = std::chrono::seconds(5);
};

struct breaker_policy {
  int failures = 0;  ///< in a row, until it opens; 0: no breaker
  duration open = std::chrono::seconds(10);
};

struct edge {
  std::optional<condition> when;
  stage_id to = no_stage;
  int max = -1;                   ///< times it may be taken in a run; -1: not a bounded edge
  int counter = -1;               ///< index among the bounded edges of the graph
  slot_id best_by = no_slot;      ///< a number; larger is better
  int plateau = 0;                ///< 0: off
  stage_id exhausted = no_stage;  ///< no_stage: the next edge in order is tried
};

struct fan_out {
  std::vector<stage_id> all;
  stage_id join = no_stage;
};

struct each_policy {
  slot_id over = no_slot;
  slot_id as = no_slot;
  int concurrency = 1;
  int max = 64;  ///< items; a longer list is an error
};

/// The stages of a sub-graph that has limits of its own.
struct region {
  std::string name;
  stage_id entry = no_stage;  ///< with it the time begins anew
  duration deadline = duration::max();
  std::int64_t token_budget = -1;  ///< -1: none
  stage_id on_error = no_stage;    ///< where a run goes when the time is up; else it fails
  int parent = -1;                 ///< the region around it; -1: none
};

struct stage_node {
  std::string name;
  const stage_type* type = nullptr;  ///< lives in the registry, which outlives the graph
  value with;                        ///< parameters, defaults filled in; a table
  port_set ports;
  std::vector<slot_id> in, out;  ///< slot of each port; no_slot: an optional input left open
  int replicas = 1;
  duration timeout = duration::max();  ///< of one attempt
  retry_policy retry;
  restart_policy restart;
  int queue = 64;
  breaker_policy breaker;
  stage_id on_error = no_stage;
  std::vector<edge> next;
  std::optional<fan_out> split;
  std::optional<each_policy> each;
  int region = -1;  ///< index into `graph::regions`; -1: none
};

struct graph_input {
  slot_id slot = no_slot;
  slot_type type = slot_type::text;
  value fallback;  ///< none: required
};

struct graph {
  std::string name;
  std::string hash;  ///< of the content of all files, hexadecimal
  std::filesystem::path file;
  std::string text;
  std::vector<graph_source> inner;    ///< the files of its sub-graphs
  std::vector<std::string> slots;     ///< name of each slot
  std::vector<slot_type> slot_types;  ///< `any` where it cannot be known
  std::vector<stage_node> stages;
  std::vector<region> regions;
  stage_id start = no_stage;
  slot_id output = no_slot;
  std::vector<slot_id> persist;
  std::vector<graph_input> inputs;
  duration deadline = std::chrono::seconds(30);
  std::int64_t token_budget = -1;  ///< -1: none
  on_busy busy = on_busy::queue;
  when_left left = when_left::continues;  ///< unless a message says otherwise
  int bounded_edges = 0;
  std::vector<model_spec> models;

  slot_id find_slot(std::string_view name) const noexcept;
  stage_id find_stage(std::string_view name) const noexcept;
  /// The most time that one attempt at a stage can have.
  duration time_of_attempt(stage_id stage) const noexcept;
};

}  // namespace troupe
