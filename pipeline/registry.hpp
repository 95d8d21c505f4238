#pragma once
// The stage types that graphs can name. Filled by function calls at start-up, then read-only.

#include "pipeline/describe.hpp"

#include <map>

namespace troupe {

/// Changes with everything that a plugin and the program must agree on, as far as sizes tell; the
/// last number is raised by hand for changes that they do not.
inline constexpr unsigned plugin_layout =
    static_cast<unsigned>(sizeof(stage_type) ^ sizeof(run_context) << 8 ^ sizeof(param) << 16 ^
                          sizeof(stage_services) << 20) +
    3;

class registry {
 public:
  /// Adds a stage written as a plain struct (see describe.hpp). The last one of a name wins, so
  /// that a program can put its own in place of a built-in.
  template <class S>
  void add() {
    add(describe_stage<S>());
  }
  void add(stage_type type);
  /// Adds a stage that is a real actor; `spawn` is what `actors/interfaces.hpp` asks for.
  void add_actor(stage_type type, std::any spawn) {
    type.spawn = std::move(spawn);
    add(std::move(type));
  }

  /// nullptr if there is no such type.
  const stage_type* find(std::string_view name) const;
  /// In order of name.
  const std::map<std::string, stage_type, std::less<>>& all() const noexcept { return types_; }

 private:
  std::map<std::string, stage_type, std::less<>> types_;
};

}  // namespace troupe
