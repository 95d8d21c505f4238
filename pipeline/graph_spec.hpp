#pragma once
// A graph as it was written: every table and key of the language, nothing resolved, each with its
// place. `dsl/` makes it from TOML; linking makes a `graph` of it.

#include "pipeline/clock.hpp"
#include "pipeline/source.hpp"
#include "pipeline/when_left.hpp"

#include <filesystem>
#include <optional>

namespace troupe {

enum class on_busy : std::uint8_t { queue, reject, interrupt };

struct input_spec {
  located<std::string> name;
  located<slot_type> type;
  std::optional<located_value> fallback;  ///< `{ type = "text", default = "…" }`
};

/// What a model costs, per million tokens.
struct price_spec {
  located<double> input, output;
  located<std::string> currency{.value = "USD"};
};

struct model_spec {
  located<std::string> name;
  located<std::string> kind;  ///< local | remote
  located<std::string> path, device, dtype, url, model, api_key_env, fallback;
  /// Tokens that one call can hold, prompt and answer together. Linking fills in what is not given.
  located<std::int64_t> context;
  std::optional<price_spec> price;
  located_value all;  ///< the whole table, for engines with keys of their own
};

struct retry_spec {
  located<std::int64_t> attempts{.value = 1};
  located<duration> backoff_min{.value = std::chrono::milliseconds(100)};
  located<duration> backoff_max{.value = std::chrono::seconds(5)};
  std::vector<located<std::string>> on;  ///< names of errc; empty: the transient ones
  source_range at;
};

struct restart_spec {
  located<std::int64_t> max{.value = 5};
  located<duration> within{.value = std::chrono::seconds(30)};
  located<duration> backoff_min{.value = std::chrono::milliseconds(100)};
  located<duration> backoff_max{.value = std::chrono::seconds(5)};
  source_range at;
};

struct breaker_spec {
  located<std::int64_t> failures{.value = 5};
  located<duration> open{.value = std::chrono::seconds(10)};
  source_range at;
};

struct edge_spec {
  located<std::string> when;  ///< empty: always
  located<std::string> to;
  std::optional<located<std::int64_t>> max;
  located<std::string> best_by;
  std::optional<located<std::int64_t>> plateau;
  located<std::string> exhausted;
  source_range at;
};

struct fan_out_spec {
  std::vector<located<std::string>> all;
  located<std::string> join;
  source_range at;
};

struct each_spec {
  located<std::string> over, as;
  located<std::int64_t> concurrency{.value = 1};
  located<std::int64_t> max{.value = 64};  ///< items of the list
  source_range at;
};

struct rename_spec {
  located<std::string> port, slot;
};

/// One of the two ends of a sub-graph (dsl/expand.hpp): what crosses the border there.
struct border_spec {
  enum class side : std::uint8_t {
    entry,  ///< reads slots of the outer graph, writes the inner graph's inputs
    exit,   ///< reads slots of the inner graph, writes those of the outer one
  };
  struct port_spec {
    std::string name;
    slot_type type = slot_type::any;
    value fallback;  ///< of an inner input that may be left out; none: it may not
  };
  side which = side::entry;
  std::string inside;            ///< the scope of the inner graph
  std::vector<port_spec> ports;  ///< inputs and outputs alike
};

/// The stages that a sub-graph was replaced by (dsl/expand.hpp), and what it may use.
struct region_spec {
  std::string entry;  ///< the stage that begins it
  located<duration> deadline;
  std::optional<located<std::int64_t>> token_budget;
  located<std::string> on_error;
  int parent = -1;  ///< index of the region it lies in; -1: none
};

/// One file that a graph is made of.
struct graph_source {
  std::filesystem::path file;  ///< as it is named from where the graph was loaded
  std::string text;
};

struct stage_spec {
  located<std::string> name, use;
  located_value with;
  std::vector<rename_spec> in, out;
  located<std::int64_t> replicas{.value = 1};
  located<duration> timeout;  ///< not given: the run's deadline alone
  std::optional<retry_spec> retry;
  std::optional<restart_spec> restart;
  located<std::int64_t> queue{.value = 64};
  std::optional<breaker_spec> breaker;
  located<std::string> on_error;
  std::vector<edge_spec> next;  ///< in order of declaration; empty with no fan_out: the end
  std::optional<fan_out_spec> fan_out;
  std::optional<each_spec> each;
  /// Something could not be read and was reported: about what it reads, about what it writes, or
  /// about where a run goes from it.
  bool damaged_reads = false, damaged_writes = false, damaged_ways = false;
  /// Of a stage of a sub-graph: what stands before its slots' names, "polish.", and its region.
  std::string scope;
  int region = -1;
  std::optional<border_spec> border;
};

struct graph_spec {
  std::filesystem::path file;         ///< as given; its folder is where relative paths start
  std::string text;                   ///< the file's content
  std::uint32_t number = 0;           ///< of the file, in places
  std::vector<graph_source> sources;  ///< all files by number, if there are several
  located<std::string> name, start, output;
  std::vector<located<std::string>> persist;
  located<duration> deadline{.value = std::chrono::seconds(30)};
  std::optional<located<std::int64_t>> token_budget;
  located<on_busy> busy;
  located<when_left> left;
  std::vector<input_spec> inputs;
  std::vector<model_spec> models;
  std::vector<located<std::string>> plugins;
  std::vector<stage_spec> stages;
  std::vector<region_spec> regions;
};

}  // namespace troupe
