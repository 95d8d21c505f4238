#pragma once
// Scripted dialogues for `troupe test`:
//
//   [[dialogue]]
//   name = "order status"
//   [[dialogue.turn]]
//   say    = "Where is ORD-20931?"
//   expect = { intent = "track_order", contains = ["2026-11-26"], excludes = ["sorry"] }
//
// `contains` and `excludes` are about the reply (case of ASCII letters aside), `reply` is the whole
// of it; every other key of `expect` is a slot and the value it must have.

#include "pipeline/value.hpp"

#include <filesystem>

namespace troupe {

struct dialogue_turn {
  std::string say;
  std::vector<std::string> contains, excludes;
  std::optional<std::string> reply;
  value::table slots;
  std::uint32_t line = 0;
};

struct dialogue {
  std::string name;
  std::vector<dialogue_turn> turns;
};

/// Errors name file and line.
result<std::vector<dialogue>> read_dialogues(const std::filesystem::path& file);

/// What is wrong with a reply, a sentence each; empty if all is as expected.
std::vector<std::string> complaints(const dialogue_turn& turn, const std::string& reply,
                                    const value& slots);

}  // namespace troupe
