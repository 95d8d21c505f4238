#pragma once
// The prompt format that a model's folder declares (prompt_format.json): which parts a prompt has
// and what the model reads of each. A folder without that file takes prompts as they are.

#include "pipeline/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What becomes of a part of a prompt.
enum class part_role : std::uint8_t {
  plain,      ///< the model reads it as it is, digits excepted
  whole,      ///< one placeholder stands for all of it
  named,      ///< the same, and its text follows in brackets
  asks,       ///< a question: its words are looked for in the sentences
  sentences,  ///< what may be quoted: every sentence has a placeholder of its own
};

struct prompt_part {
  std::string name;  ///< what the model reads before it
  part_role role = part_role::plain;
  std::vector<std::string> labels;  ///< how prompts may call it, folded to lower case
};

struct prompt_format {
  /// In the order in which the model reads them, whatever the prompt's order is. The last one with
  /// the role `sentences` takes all lines that no label names.
  std::vector<prompt_part> parts;
  /// Whether the model reads in its first line which language to write in.
  bool tells_language = false;
};

/// A prompt for it consists of lines `label: text` and lines that continue the one above.
result<prompt_format> parse_prompt_format(std::string_view json, const std::string& name);

/// Nothing if the folder declares none.
result<std::optional<prompt_format>> read_prompt_format(const std::filesystem::path& folder);

}  // namespace troupe
