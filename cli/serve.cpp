// troupe serve GRAPH: a chat service over HTTP and WebSocket.

#include "cli/drain.hpp"
#include "cli/records.hpp"
#include "transport/late_gateway.hpp"
#include "transport/server.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

namespace troupe {

namespace {

struct serve_flags {
  std::string file, data = "data", address = "127.0.0.1", keep = "720h", drain = "10s";
  std::uint16_t port = 8080;
  int threads = 0;
  bool memory = false;
};

constexpr auto patience_at_the_end = std::chrono::seconds(10);

/// Where a command on this machine finds the server: an address that means "every" is no place.
std::string url_to_reach(std::string address, std::uint16_t port) {
  if (address == "0.0.0.0") address = "127.0.0.1";
  if (address == "::") address = "::1";
  if (address.find(':') != std::string::npos) address = '[' + address + ']';
  return "http://" + address + ':' + std::to_string(port);
}

std::optional<duration> duration_of(command_context& c, std::string_view option,
                                    const std::string& given) {
  auto read = parse_duration(given);
  if (read) return *read;
  c.outcome = exit_code::usage;
  std::cerr << "troupe: `" << option << "` " << read.error().message << '\n';
  return std::nullopt;
}

void reload(runtime& r) {
  r.reload([](result<value> done) {
    // A wrong graph is told on stderr, whatever the log's level.
    if (!done)
      std::cerr << "troupe: the graph was not reloaded: " << done.error().message << std::endl;
    else
      std::cout << "graph `" << done->find("graph")->to_text()
                << "` reloaded: " << (done->find("changed")->as_bool() ? "changed" : "unchanged")
                << ", " << done->find("unfinished_on_others")->to_text()
                << " runs finish on earlier versions" << std::endl;
  });
}

void serve(command_context& c, const serve_flags& flags) {
  // Blocked before any thread starts, so that only sigwait below gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigset_t all = ends;
  sigaddset(&all, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the journal's
  spdlog::set_level(std::min(spdlog::get_level(), spdlog::level::warn));

  const auto keep = duration_of(c, "--keep", flags.keep);
  const auto patience = duration_of(c, "--drain", flags.drain);
  if (!keep || !patience) return;
  auto plan = load_graph_file(c, flags.file);
  if (!plan) return;
  server_options options;
  options.address = flags.address;
  options.port = flags.port;
  options.graph_name = plan->name;
  // Whoever asks while the models are loaded is told so. In this order: the server goes first.
  late_gateway door;
  std::optional<running_graph> g;
  auto front = server::start(options, door);
  if (!front) return complain(c, front.error().message);
  g = start_graph(
      c, plan,
      {.data = flags.memory ? std::string() : flags.data, .threads = flags.threads, .keep = *keep});
  if (!g) return (*front)->stop();
  door.open(*g->runtime);
  if (g->runtime->recovered() > 0)
    std::cout << g->runtime->recovered() << " unfinished runs taken up again\n";
  const auto url = "http://" + flags.address + ':' + std::to_string((*front)->port());
  if (!flags.memory) leave_address(flags.data, url_to_reach(flags.address, (*front)->port()));
  std::cout << "graph `" << plan->name << "` is served at " << url << "/  (Ctrl-C ends it)"
            << std::endl;
  for (int signal = 0; sigwait(&all, &signal) == 0 && signal == SIGHUP;) reload(*g->runtime);
  const impatience second_signal(ends);
  std::cout << "stopping: no new runs; " << g->runtime->under_way() << " under way have "
            << format_duration(*patience) << " to end (Ctrl-C again ends at once)" << std::endl;
  const auto left = drain(**front, *g->runtime, *patience);
  if (left > 0)
    std::cout << left << (flags.memory ? " runs are lost" : " runs go on at the next start")
              << std::endl;
  if (!flags.memory) take_address_back(flags.data);
  (*front)->stop();
  front->reset();
  // A stage that hangs for ever must not keep the process: all that was promised is in the journal.
  std::jthread last_resort([](std::stop_token done) {
    std::mutex m;
    std::unique_lock lock(m);
    std::condition_variable_any ended;
    ended.wait_for(lock, done, patience_at_the_end, [] { return false; });
    if (done.stop_requested()) return;
    std::cerr << "troupe: a stage hangs; the process ends without it\n";
    std::_Exit(0);
  });
  g->runtime.reset();
  last_resort.request_stop();
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
  sub->add_option("--keep", flags->keep, "how long the steps of ended runs are kept, for `why`")
      ->capture_default_str();
  sub->add_option("--drain", flags->drain, "how long runs under way may take to end at SIGTERM")
      ->capture_default_str();
  sub->add_option("--threads", flags->threads, "scheduler threads; 0: one per core");
  sub->callback([&c, flags] { serve(c, *flags); });
}

}  // namespace troupe
