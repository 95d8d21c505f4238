#pragma once
// What the subcommands share. Each subcommand is a file with one `add_…` function in the table of
// main_function.cpp.

#include "actors/runtime.hpp"
#include "dsl/load.hpp"
#include "model/library.hpp"
#include "pipeline/registry.hpp"

#include <CLI/CLI.hpp>

namespace troupe {

enum class exit_code : int { done = 0, failed = 1, usage = 2 };

/// A shared library that was loaded; none is ever closed. Stages may be at work in it.
struct opened_plugin {
  void* handle = nullptr;
  std::string edition;  ///< of the file; another one at the same path is another plugin
};

/// State of one invocation; outlives the runtime of a command.
struct command_context {
  registry stages;      ///< of this program, and of the plugins that were loaded
  registry own_stages;  ///< of this program alone
  std::shared_ptr<model_library> models;
  exit_code outcome = exit_code::done;
  std::map<std::string, opened_plugin> plugins;  ///< by path, as they were last loaded
};

/// Prints `troupe: MESSAGE` to stderr and makes the command fail.
void complain(command_context& c, std::string_view message);

/// Loads a graph's plugins, then links it. Plugins that are missing are among the findings.
loaded load_with_plugins(command_context& c, std::string text, const std::string& file,
                         const load_options& options = {});
/// The same with stage types that are `types` and those of the plugins, which are added to it. A
/// plugin that has been built again since it was loaded is loaded beside its former edition.
loaded load_with_plugins(command_context& c, registry& types, std::string text,
                         const std::string& file, const load_options& options);

/// Reads, loads plugins, links. Prints every finding to stderr; nothing if there was an error.
std::shared_ptr<const graph> load_graph_file(command_context& c, const std::string& file,
                                             const load_options& options = {});
/// The same without printing: findings of the file and of its plugins.
loaded load_graph_findings(command_context& c, const std::string& file,
                           const load_options& options = {});

/// Adds the stages of shared libraries: paths from the working folder, or bare names. Complains and
/// gives false if one cannot be loaded.
bool load_plugins(command_context& c, const std::vector<std::string>& names);
/// The same for those that a graph names; nothing else of it is looked at.
bool load_plugins_of(command_context& c, const std::string& file);

/// A started runtime and what it stands on.
struct running_graph {
  std::unique_ptr<store> records;
  std::unique_ptr<troupe::runtime> runtime;
};
struct start_options {
  std::string data;  ///< folder of the RocksDB store; empty: memory
  int threads = 0;
  duration keep = duration::max();  ///< the steps of ended runs
  const clock* time = &system_clock();
  /// By name, in place of those that the graph's models describe.
  std::map<std::string, std::shared_ptr<engine>> engines;
};
/// Complains and gives nothing if it cannot start.
std::optional<running_graph> start_graph(command_context& c, std::shared_ptr<const graph> plan,
                                         const start_options& o);

/// "slot=value" pairs of --set as a table; values are typed after the graph's inputs.
std::optional<value::table> parse_inputs(command_context& c, const graph& plan,
                                         const std::vector<std::string>& pairs);

void add_check(CLI::App& app, command_context& c);
void add_draw(CLI::App& app, command_context& c);
void add_init(CLI::App& app, command_context& c);
void add_schema(CLI::App& app, command_context& c);
void add_run(CLI::App& app, command_context& c);
void add_runs(CLI::App& app, command_context& c);
void add_why(CLI::App& app, command_context& c);
void add_reviews(CLI::App& app, command_context& c);
void add_dlq(CLI::App& app, command_context& c);
void add_serve(CLI::App& app, command_context& c);
void add_chat(CLI::App& app, command_context& c);
void add_stages(CLI::App& app, command_context& c);
void add_train(CLI::App& app, command_context& c);
void add_eval(CLI::App& app, command_context& c);
void add_tokenize(CLI::App& app, command_context& c);
void add_bench(CLI::App& app, command_context& c);
void add_complete(CLI::App& app, command_context& c);
void add_test(CLI::App& app, command_context& c);
void add_sim(CLI::App& app, command_context& c);
void add_plan(CLI::App& app, command_context& c);

}  // namespace troupe
