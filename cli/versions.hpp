#pragma once
// Graphs for a runtime, at its start and while it runs: each with stage types of its own, so that
// none under way is touched by another, and with engines that versions share if they describe them
// alike.

#include "actors/runtime.hpp"
#include "cli/command.hpp"

namespace troupe {

/// One thread at a time.
class version_loader {
 public:
  /// `given`: engines by name, in place of those that a graph's models describe. `c` outlives this.
  version_loader(command_context& c, std::map<std::string, std::shared_ptr<engine>> given)
      : context_(c), given_(std::move(given)) {}

  /// A graph with what its stages stand on. Errors: an engine that cannot be opened.
  result<graph_version> equip(std::shared_ptr<const graph> plan);
  /// The graph in a file, as it is now. Errors: `invalid_request` with all findings; its name must
  /// be `name`.
  result<graph_version> load(const std::filesystem::path& file, const std::string& name);
  /// An earlier version.
  result<graph_version> load(const graph_record& kept);

 private:
  result<graph_version> load(std::string text, const std::filesystem::path& file,
                             std::vector<graph_source> kept, const std::string& name);
  result<std::shared_ptr<engine>> engine_of(const model_spec& spec,
                                            const std::filesystem::path& base);

  command_context& context_;
  const std::map<std::string, std::shared_ptr<engine>> given_;
  std::map<std::string, std::weak_ptr<engine>> opened_;  ///< by all that makes an engine what it is
};

}  // namespace troupe
