// troupe dlq list|show|retry|drop: runs that could not be finished.

#include "cli/records.hpp"
#include "cli/run_end.hpp"
#include "pipeline/dead_letter.hpp"

#include <future>
#include <iostream>

namespace troupe {

namespace {

namespace json = boost::json;

struct dlq_flags : records_flags {
  std::string run;
};

std::optional<value> list_of(command_context& c, const dlq_flags& flags) {
  return listed(c, flags, "dead_letters", list_dead_letters);
}

void list(command_context& c, const dlq_flags& flags) {
  auto all = list_of(c, flags);
  if (!all) return;
  if (flags.json) {
    std::cout << all->to_text() << '\n';
    return;
  }
  for (const value& r : all->as_list()) {
    const value* failure = r.find("error");
    std::cout << text_of(r, "run") << "  " << text_of(r, "accepted") << "  "
              << (failure ? text_of(*failure, "code") + ": " + text_of(*failure, "message")
                          : std::string())
              << '\n';
  }
  if (all->as_list().empty()) std::cout << "there are no dead letters\n";
}

void show(command_context& c, const dlq_flags& flags) {
  auto all = list_of(c, flags);
  if (!all) return;
  for (const value& r : all->as_list()) {
    if (text_of(r, "run") != flags.run) continue;
    if (flags.json)
      std::cout << r.to_text() << '\n';
    else
      for (const auto& [key, v] : r.as_table()) std::cout << key << ": " << v.to_text() << '\n';
    return;
  }
  complain(c, "run `" + flags.run + "` is not among the dead letters; `troupe dlq list` has them");
}

/// Asks a server; nothing if there is none, and whether it said yes otherwise.
std::optional<bool> ask(command_context& c, const dlq_flags& flags, const char* action) {
  const auto server = find_server(flags);
  if (server.empty()) return std::nullopt;
  auto told = ask_server(c, server, "POST", "/v1/dead_letters/" + url_segment(flags.run),
                         json::object{{"action", action}});
  if (told && flags.json)
    std::cout << json::serialize(*told) << '\n';
  else if (const auto* run = told ? told->as_object().if_contains("run") : nullptr;
           run && action == std::string_view("retry"))
    std::cout << "tried again as run " << run->as_string().c_str() << '\n';
  return told.has_value();
}

void drop(command_context& c, const dlq_flags& flags) {
  if (ask(c, flags, "drop")) return;
  auto records = open_rocksdb_store(flags.data);
  if (!records) return complain(c, records.error().message);
  auto found = read_dead_letter(**records, flags.run);
  if (!found) return complain(c, found.error().message);
  auto gone = (*records)->write({erase(family::dead_letters, flags.run)}, durability::synced);
  if (!gone) complain(c, gone.error().message);
}

/// Without a server the new run is waited for here.
void retry(command_context& c, const dlq_flags& flags) {
  if (ask(c, flags, "retry")) return;
  auto g = start_for_run(c, flags.data, flags.run);
  if (!g) return;
  std::promise<result<std::string>> accepted;
  g->runtime->retry_dead_letter(
      flags.run, [&](result<std::string> run) { accepted.set_value(std::move(run)); });
  auto fresh = accepted.get_future().get();
  if (!fresh) return complain(c, fresh.error().message);
  std::cerr << "tried again as run " << *fresh << '\n';
  print_end(c, wait_for_run(*g->runtime, *fresh), {.data = flags.data, .json = flags.json});
}

}  // namespace

void add_dlq(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("dlq", "dead letters: runs that could not be finished");
  sub->require_subcommand(1);
  auto flags = std::make_shared<dlq_flags>();
  using act = void (*)(command_context&, const dlq_flags&);
  auto action = [&](const char* name, const char* help, act run) {
    auto* one = sub->add_subcommand(name, help);
    add_records_options(*one, *flags);
    if (run != list) one->add_option("run", flags->run, "the run that failed")->required();
    one->callback([&c, flags, run] { run(c, *flags); });
  };
  action("list", "all of them", list);
  action("show", "one of them: its input, slots and reason", show);
  action("retry", "submit its input once more", retry);
  action("drop", "forget it", drop);
}

}  // namespace troupe
