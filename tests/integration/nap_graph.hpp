#pragma once
// A graph of one stage that takes as long as a test wants (tests/plugin/nap.cpp).

#include "integration/served_graph.hpp"
#include "support/temporary_folder.hpp"

namespace troupe::test {

/// In a folder of its own; the stage waits for the file `go` there when a text begins with "wait".
class nap_graph {
 public:
  nap_graph() { write(); }

  /// Further keys of the only stage, parameters of it, and keys of `[graph]`.
  void write(const std::string& stage = "", const std::string& with = "",
             const std::string& graph = "") const {
    write_file(file(), R"([graph]
name     = "nap"
start    = "only"
output   = "reply"
deadline = "1h"
)" + graph + R"(
[input]
text = "text"

[plugins]
load = ["nap"]

[stage.only]
use  = "nap"
with = { file = ")" + (folder_.path() / "go").string() +
                           '"' + with + " }\n" + stage);
  }
  std::filesystem::path file() const { return folder_.path() / "graph.toml"; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  /// All that wait go on.
  void go() const { write_file(folder_.path() / "go", ""); }

 private:
  temporary_folder folder_;
};

}  // namespace troupe::test
