// troupe run GRAPH --set slot=value: one job; the output slot and nothing else on stdout.

#include "cli/command.hpp"
#include "cli/run_end.hpp"
#include "cli/waiting_sink.hpp"
#include "cli/why_words.hpp"
#include "pipeline/journal.hpp"

#include <iostream>

namespace troupe {

namespace {

struct run_flags {
  std::string file, data, conversation;
  std::vector<std::string> set;
  bool trace = false, json = false, approve = false;
};

void print_trace(const event& e) {
  switch (e.kind) {
    case event_kind::stage:
      std::cerr << "  " << e.stage << ' ' << name_of(e.state);
      if (e.attempt > 1) std::cerr << " (attempt " << e.attempt << ')';
      if (e.state != stage_state::started) std::cerr << ' ' << e.ms << " ms";
      if (!e.text.empty()) std::cerr << ": " << e.text;
      std::cerr << '\n';
      break;
    case event_kind::rewind:
      std::cerr << "  " << e.stage << " starts over\n";
      break;
    default:
      break;
  }
}

/// Why it went as it did: conditions, each round of a loop with its score, and which one was kept.
void print_story(const running_graph& g, const std::shared_ptr<const graph>& plan,
                 const std::string& run) {
  const auto record = read_run(*g.records, run);
  const auto steps = read_steps(*g.records, run);
  if (!record || !*record || !steps || steps->empty()) return;
  std::cerr << '\n'
            << in_words(tell_story(**record, *steps, plan),
                        choose_language("").value_or(language::english));
}

void run(command_context& c, const run_flags& flags) {
  auto plan = load_graph_file(c, flags.file);
  if (!plan) return;
  auto input = parse_inputs(c, *plan, flags.set);
  if (!input) return;
  auto g = start_graph(c, plan, {.data = flags.data});
  if (!g) return;
  auto sink = std::make_shared<waiting_sink>(flags.trace ? print_trace
                                                         : std::function<void(const event&)>());
  g->runtime->submit({.conversation = flags.conversation, .input = std::move(*input)}, sink,
                     flags.trace ? follow::run : follow::end);
  event_ptr end = sink->wait();
  const auto decides = flags.approve ? decider::approves_all : decider_at_terminal(flags.data);
  while (waits(*end) && decide(*g->runtime, *end, decides)) end = sink->wait();
  print_end(c, *end, {.data = flags.data, .json = flags.json});
  if (flags.trace) print_story(*g, plan, end->run);
}

}  // namespace

void add_run(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("run", "run a graph once and print its output");
  auto flags = std::make_shared<run_flags>();
  sub->add_option("graph", flags->file, "the TOML file")->required();
  sub->add_option("--set", flags->set, "an input: slot=value; may be given again")
      ->allow_extra_args(false);
  sub->add_option("--data", flags->data, "folder of the journal; without it nothing is kept");
  sub->add_option("--conversation", flags->conversation, "run it as a turn of this conversation");
  sub->add_flag("--trace", flags->trace,
                "print the path on stderr, and at the end why it was taken");
  sub->add_flag("--approve", flags->approve, "let every draft pass that waits for a review");
  sub->add_flag("--json", flags->json, "print the final event as JSON");
  sub->callback([&c, flags] { run(c, *flags); });
}

}  // namespace troupe
