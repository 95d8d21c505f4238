#pragma once
// The `troupe` command in a folder of its own.

#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace troupe::test {

struct command_line {
  temporary_folder folder;

  finished_command run(const std::vector<std::string>& words) {
    return run_command(words, folder.path());
  }
  finished_command troupe(std::vector<std::string> words) {
    words.insert(words.begin(), TROUPE_BINARY_DIR "/troupe");
    return run(words);
  }
  /// A new file in the folder; its path.
  std::string file(const std::string& name, std::string_view text) {
    write_file(folder.path() / name, text);
    return folder.path() / name;
  }
};

}  // namespace troupe::test
