// troupe dlq list|show|retry|drop: runs that could not be finished.

#include "cli/records.hpp"
#include "cli/run_end.hpp"
#include "cli/why_words.hpp"
#include "pipeline/dead_letter.hpp"

#include <array>
#include <future>
#include <iostream>

namespace troupe {

namespace {

namespace json = boost::json;

struct dlq_flags : records_flags {
  std::string run, lang;
};

std::optional<value> list_of(command_context& c, const dlq_flags& flags) {
  return listed(c, flags, "dead_letters", list_dead_letters);
}

std::string error_of(const value& letter) {
  const value* failure = letter.find("error");
  return failure ? text_of(*failure, "code") + ": " + text_of(*failure, "message") : std::string();
}

void list(command_context& c, const dlq_flags& flags) {
  auto all = list_of(c, flags);
  if (!all) return;
  if (flags.json) {
    std::cout << all->to_text() << '\n';
    return;
  }
  for (const value& r : all->as_list()) {
    const auto conversation = text_of(r, "conversation");
    std::cout << text_of(r, "run") << "  " << text_of(r, "accepted") << "  "
              << (conversation.empty() ? "-" : conversation) << "  " << error_of(r) << '\n';
  }
  if (all->as_list().empty()) std::cout << "there are no dead letters\n";
}

/// From a server, or from the folder; complains if there is none.
std::optional<value> letter_of(command_context& c, const dlq_flags& flags) {
  if (!flags.url.empty()) {
    auto told =
        ask_server(c, find_server(flags), "GET", "/v1/dead_letters/" + url_segment(flags.run));
    if (!told) return std::nullopt;
    return from_json(*told);
  }
  auto records = read_records(c, flags.data);
  if (!records) return std::nullopt;
  auto found = read_dead_letter(*records, flags.run);
  if (found) return dead_letter_value(*found);
  complain(c,
           found.error().code == errc::not_found
               ? "run `" + flags.run + "` is not among the dead letters; `troupe dlq list` has them"
               : found.error().message);
  return std::nullopt;
}

/// What went wrong, attempt by attempt, as long as its steps are kept and its graph still loads.
std::string attempts_of(command_context& c, const dlq_flags& flags, language l) {
  if (!flags.url.empty()) return {};
  auto records = open_rocksdb_reader(flags.data);
  if (!records) return {};
  auto record = read_run(**records, flags.run);
  auto steps = read_steps(**records, flags.run);
  if (!record || !*record || !steps || steps->empty()) return {};
  auto plan = recorded_graph(c, **records, (*record)->graph_hash);
  return plan ? failures_in_words(tell_story(**record, *steps, *plan), l) : std::string();
}

struct label {
  std::string_view key, chinese;
};
constexpr std::array labels = {label{"run", "运行"},   label{"conversation", "对话"},
                               label{"id", "消息"},    label{"accepted", "受理"},
                               label{"error", "错误"}, label{"input", "输入"},
                               label{"slots", "槽"}};

void show(command_context& c, const dlq_flags& flags) {
  const auto l = choose_language(flags.lang);
  if (!l) {
    std::cerr << "troupe: `--lang " << flags.lang << "`: it is told in `en` or `zh`\n";
    c.outcome = exit_code::usage;
    return;
  }
  auto letter = letter_of(c, flags);
  if (!letter) return;
  if (flags.json) {
    std::cout << letter->to_text() << '\n';
    return;
  }
  const bool chinese = *l == language::chinese;
  for (const auto& [key, v] : letter->as_table()) {
    std::string name = key;
    for (const label& x : labels)
      if (chinese && x.key == key) name = x.chinese;
    std::cout << name << (chinese ? "：" : ": ")
              << (key == "error" ? error_of(*letter) : v.to_text()) << '\n';
  }
  const auto attempts = attempts_of(c, flags, *l);
  if (!attempts.empty()) std::cout << '\n' << attempts;
  std::cout << (chinese
                    ? "\n全部经过见 `troupe why RUN`；`troupe dlq retry RUN` 再次提交，"
                      "`troupe dlq drop RUN` 丢弃。\n"
                    : "\n`troupe why RUN` tells the whole of it; `troupe dlq retry RUN` submits "
                      "it once more, `troupe dlq drop RUN` forgets it.\n");
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
    if (run == show) one->add_option("--lang", flags->lang, "en or zh; otherwise as LANG says");
    one->callback([&c, flags, run] { run(c, *flags); });
  };
  action("list", "all of them", list);
  action("show", "one of them: its input, slots and reason", show);
  action("retry", "submit its input once more", retry);
  action("drop", "forget it", drop);
}

}  // namespace troupe
