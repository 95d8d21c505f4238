// troupe serve GRAPH: a chat service over HTTP and WebSocket.

#include "cli/command.hpp"
#include "transport/server.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>

namespace troupe {

namespace {

struct serve_flags {
  std::string file, data = "data", address = "127.0.0.1";
  std::uint16_t port = 8080;
  int threads = 0;
  bool memory = false;
};

void serve(command_context& c, const serve_flags& flags) {
  // Blocked before any thread starts, so that only sigwait below gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  spdlog::set_level(std::min(spdlog::get_level(), spdlog::level::warn));

  auto plan = load_graph_file(c, flags.file);
  if (!plan) return;
  auto g = start_graph(
      c, plan, {.data = flags.memory ? std::string() : flags.data, .threads = flags.threads});
  if (!g) return;
  server_options options;
  options.address = flags.address;
  options.port = flags.port;
  options.graph_name = plan->name;
  auto front = server::start(options, *g->runtime);
  if (!front) return complain(c, front.error().message);
  if (g->runtime->recovered() > 0)
    std::cout << g->runtime->recovered() << " unfinished runs taken up again\n";
  std::cout << "graph `" << plan->name << "` is served at http://" << flags.address << ':'
            << (*front)->port() << "/  (Ctrl-C ends it)" << std::endl;
  int signal = 0;
  sigwait(&ends, &signal);
  std::cout << "stopping; unfinished runs go on at the next start" << std::endl;
  (*front)->stop();
  front->reset();
  g->runtime.reset();
}

}  // namespace

void add_serve(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("serve", "serve a graph over HTTP and WebSocket");
  auto flags = std::make_shared<serve_flags>();
  sub->add_option("graph", flags->file, "the TOML file")->required();
  sub->add_option("--data", flags->data, "folder of journal and state")->capture_default_str();
  sub->add_flag("--memory", flags->memory, "keep nothing on disk");
  sub->add_option("--address", flags->address, "where to listen")->capture_default_str();
  sub->add_option("--port", flags->port, "0 takes a free one")->capture_default_str();
  sub->add_option("--threads", flags->threads, "scheduler threads; 0: one per core");
  sub->callback([&c, flags] { serve(c, *flags); });
}

}  // namespace troupe
