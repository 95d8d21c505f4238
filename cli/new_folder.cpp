#include "cli/new_folder.hpp"

#include <cctype>

namespace troupe {

namespace {

namespace fs = std::filesystem;

constexpr const char* pipeline =
    R"(# The graph. `troupe check pipeline.toml` says what is wrong with it and what a run can cost,
# `troupe draw pipeline.toml` draws it.

[graph]
name     = "@NAME@"
start    = "language"
output   = "reply"
deadline = "5s"

[input]
text = "text"

[plugins]
load = ["./libshout.so"]                 # made from shout.cpp by ./build

[stage.language]
use  = "set"
with = { values = { shop = "Lantern" } }

[[stage.language.next]]
when = "'你' in text || '您' in text"
to   = "greet_zh"

[[stage.language.next]]
to   = "greet_en"

[stage.greet_zh]
use  = "template"
with = { template = "您好，欢迎光临{shop}" }
out  = { text = "greeting" }
next = "shout"

[stage.greet_en]
use  = "template"
with = { template = "Hello, and welcome to {shop}" }
out  = { text = "greeting" }
next = "shout"

[stage.shout]                            # the stage of shout.cpp
use  = "shout"
with = { times = 2 }
in   = { text = "greeting" }
out  = { text = "reply" }
)";

constexpr const char* stage =
    R"(// shout.cpp: a stage. `troupe stages shout --plugins ./libshout.so` tells all about it.
#include <troupe/stage.hpp>

struct shout {
  static constexpr std::string_view name = "shout";
  static constexpr std::string_view summary = "says a text louder";
  struct params { int times = 1; } p;
  struct input  { std::string text; };
  struct output { std::string text; };
  static void describe(troupe::describer<shout>& d) {
    d.param("times", &params::times, "how many exclamation marks").min(1).max(9);
    d.in("text", &input::text, "what to say");
    d.out("text", &output::text, "what was said");
  }
  troupe::result<output> run(const input& in, troupe::run_context&) {
    return output{in.text + std::string(static_cast<std::size_t>(p.times), '!')};
  }
};

TROUPE_PLUGIN(registry) { registry.add<shout>(); }
)";

constexpr const char* dialogues =
    R"(# `troupe test .` plays these. Every key but `contains`, `excludes` and `reply` is a slot.

[[dialogue]]
name = "a greeting in English"
[[dialogue.turn]]
say    = "Good morning"
expect = { reply = "Hello, and welcome to Lantern!!", shop = "Lantern" }

[[dialogue]]
name = "a greeting in Chinese"
[[dialogue.turn]]
say    = "你好"
expect = { contains = ["欢迎光临Lantern!!"], excludes = ["Hello"] }
)";

constexpr const char* build = R"sh(#!/bin/sh
# Makes libshout.so from shout.cpp. TROUPE is the folder of Troupe's sources, built by scripts/build.
cd "$(dirname "$0")" && exec "${TROUPE@DEFAULT@}/scripts/build-plugin" ./shout.cpp
)sh";

constexpr const char* readme = R"(# @NAME@

A conversation that runs on Troupe.

```sh
./build                                  # makes the plugin from shout.cpp; again after a change of it
troupe test .                            # plays dialogues/*.toml
troupe check pipeline.toml               # mistakes, and the most that a run can cost
troupe draw pipeline.toml                # a picture
troupe chat pipeline.toml                # talk to it
troupe serve pipeline.toml               # a chat at http://127.0.0.1:8080/
```

| file | |
|---|---|
| `pipeline.toml` | the graph: which stages a message goes through |
| `shout.cpp` | a stage of its own, a plain struct |
| `dialogues/` | what is said, and what must come back |

`troupe stages` lists the stages that a graph can use, `troupe stages template` tells all about one. For completion in
an editor that knows taplo: `troupe schema --plugins ./libshout.so > schema.json`, and as the first line of
`pipeline.toml` write `#:schema ./schema.json`.
)";

std::string filled(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace

std::vector<new_file> files_of_new_folder(const std::string& graph_name, const fs::path& scripts) {
  const std::string fallback = scripts.empty() ? ":?must be the folder of the sources of Troupe"
                                               : ":-" + scripts.parent_path().string();
  return {{"pipeline.toml", filled(pipeline, "@NAME@", graph_name)},
          {"shout.cpp", stage},
          {"dialogues/greetings.toml", dialogues},
          {"build", filled(build, "@DEFAULT@", fallback), true},
          {"README.md", filled(readme, "@NAME@", graph_name)}};
}

std::string graph_name_for(const fs::path& folder) {
  const fs::path last = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  std::string name;
  for (const char c : last.string())
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 && (c & 0x80) == 0 ? c : '_';
  if (name.find_first_not_of('_') == name.npos) return "my_graph";
  return std::isdigit(static_cast<unsigned char>(name[0])) != 0 ? "_" + name : name;
}

fs::path scripts_folder() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  for (fs::path at = program.parent_path(); at.has_relative_path(); at = at.parent_path())
    if (fs::exists(at / "scripts" / "build-plugin", failed)) return at / "scripts";
  return {};
}

}  // namespace troupe
