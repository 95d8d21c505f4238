// troupe chat GRAPH: talk with a graph in the terminal; replies stream as they are made.

#include "cli/command.hpp"
#include "cli/run_end.hpp"
#include "cli/waiting_sink.hpp"

#include <unistd.h>

#include <iostream>

namespace troupe {

namespace {

struct chat_flags {
  std::string file, data, conversation = "terminal";
  bool trace = false;
};

/// Prints deltas as they come; after a rewind the text starts over on a new line.
class printer {
 public:
  explicit printer(bool trace) : trace_(trace) {}
  void operator()(const event& e) {
    switch (e.kind) {
      case event_kind::delta:
        std::cout << e.text << std::flush;
        streamed_ += e.text;
        break;
      case event_kind::rewind:
        if (!streamed_.empty()) std::cout << " …\n" << std::flush;
        streamed_.clear();
        break;
      case event_kind::stage:
        if (trace_ && e.state != stage_state::started)
          std::cerr << "  · " << e.stage << ' ' << name_of(e.state) << ' ' << e.ms << " ms\n";
        break;
      case event_kind::final: {
        const auto reply = e.reply.to_text();
        if (streamed_ != reply) std::cout << (streamed_.empty() ? "" : "\n") << reply;
        std::cout << '\n' << std::flush;
        streamed_.clear();
        break;
      }
      case event_kind::error:
        std::cout << (streamed_.empty() ? "" : "\n") << "! " << e.text << '\n' << std::flush;
        streamed_.clear();
        break;
      case event_kind::accepted:
        break;
    }
  }

 private:
  bool trace_;
  std::string streamed_;
};

void chat(command_context& c, const chat_flags& flags) {
  auto plan = load_graph_file(c, flags.file);
  if (!plan) return;
  auto g = start_graph(c, plan, {.data = flags.data});
  if (!g) return;
  const bool terminal = isatty(STDIN_FILENO) != 0;
  if (terminal)
    std::cout << "Talking with `" << plan->name << "`. An empty line or Ctrl-D ends it.\n";
  std::string line;
  for (;;) {
    if (terminal) std::cout << "> " << std::flush;
    if (!std::getline(std::cin, line) || line.empty()) break;
    auto print = std::make_shared<printer>(flags.trace);
    auto sink = std::make_shared<waiting_sink>([print](const event& e) { (*print)(e); });
    g->runtime->submit({.conversation = flags.conversation, .input = {{"text", line}}}, sink,
                       follow::run);
    auto end = sink->wait();
    while (waits(*end) && decide(*g->runtime, *end, decider_at_terminal(flags.data)))
      end = sink->wait();
    if (waits(*end)) print_end(c, *end, {.data = flags.data});
    if (end->kind == event_kind::error && !terminal) c.outcome = exit_code::failed;
  }
}

}  // namespace

void add_chat(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("chat", "talk with a graph in the terminal");
  auto flags = std::make_shared<chat_flags>();
  sub->add_option("graph", flags->file, "the TOML file")->required();
  sub->add_option("--data", flags->data, "folder of journal and state; without it nothing is kept");
  sub->add_option("--conversation", flags->conversation, "name of the conversation")
      ->capture_default_str();
  sub->add_flag("--trace", flags->trace, "print the stages on stderr");
  sub->callback([&c, flags] { chat(c, *flags); });
}

}  // namespace troupe
