#pragma once
// What `troupe init` writes.

#include <filesystem>
#include <string>
#include <vector>

namespace troupe {

struct new_file {
  std::filesystem::path path;  ///< within the new folder
  std::string content;
  bool is_program = false;
};

/// `scripts` is the folder with build-plugin; empty if it is not known.
std::vector<new_file> files_of_new_folder(const std::string& graph_name,
                                          const std::filesystem::path& scripts);

/// A name for a graph in this folder: its last part, with `_` for what a name cannot have.
std::string graph_name_for(const std::filesystem::path& folder);

/// Where this program's build-plugin lies; empty if it is not there.
std::filesystem::path scripts_folder();

}  // namespace troupe
