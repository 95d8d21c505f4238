// troupe test DIR: plays the dialogues of a graph's folder (dialogues/*.toml) and compares.

#include "cli/command.hpp"
#include "cli/run_end.hpp"
#include "cli/waiting_sink.hpp"
#include "dsl/dialogue.hpp"

#include <algorithm>
#include <iostream>

namespace troupe {

namespace {

namespace fs = std::filesystem;

struct test_flags {
  std::string folder;
  bool verbose = false;
};

/// Plays one dialogue in a conversation of its own; prints what differs. True if nothing does.
bool play(troupe::runtime& runtime, const dialogue& d, const std::string& conversation,
          const fs::path& file, bool verbose) {
  bool good = true;
  for (const dialogue_turn& t : d.turns) {
    auto sink = std::make_shared<waiting_sink>();
    runtime.submit({.conversation = conversation, .input = {{"text", t.say}}}, sink, follow::run);
    auto end = sink->wait();
    while (waits(*end) && decide(runtime, *end, decider::approves_all)) end = sink->wait();
    std::vector<std::string> wrong;
    const auto reply = end->kind == event_kind::final ? end->reply.to_text() : end->text;
    if (end->kind == event_kind::error)
      wrong.push_back("the run failed");
    else
      wrong = complaints(t, reply, end->slots);
    if (wrong.empty() && !verbose) continue;
    if (!wrong.empty()) {
      std::cout << file.string() << ':' << t.line << ": " << d.name << '\n';
      good = false;
    }
    std::cout << "    says     " << t.say << "\n    replies  " << reply << '\n';
    for (const std::string& w : wrong) std::cout << "    ✗ " << w << '\n';
  }
  return good;
}

void test(command_context& c, const test_flags& flags) {
  const fs::path folder = flags.folder;
  auto plan = load_graph_file(c, (folder / "pipeline.toml").string());
  if (!plan) return;
  std::vector<fs::path> files;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(folder / "dialogues", ec))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  if (files.empty())
    return complain(c, "`" + (folder / "dialogues").string() + "` has no .toml files");
  std::sort(files.begin(), files.end());
  auto g = start_graph(c, plan, {});
  if (!g) return;
  int passed = 0, failed = 0;
  for (const fs::path& file : files) {
    auto dialogues = read_dialogues(file);
    if (!dialogues) return complain(c, dialogues.error().message);
    for (const dialogue& d : *dialogues) {
      const auto conversation = "test-" + std::to_string(passed + failed);
      (play(*g->runtime, d, conversation, file, flags.verbose) ? passed : failed) += 1;
    }
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  if (failed > 0) c.outcome = exit_code::failed;
}

}  // namespace

void add_test(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("test", "play the scripted dialogues of a graph's folder");
  auto flags = std::make_shared<test_flags>();
  sub->add_option("folder", flags->folder, "holds pipeline.toml and dialogues/")->required();
  sub->add_flag("--show", flags->verbose, "print every turn");
  sub->callback([&c, flags] { test(c, *flags); });
}

}  // namespace troupe
