// troupe runs list|show|why, and `troupe why`: what happened to runs, read from a data folder.

#include "cli/records.hpp"
#include "cli/why_words.hpp"
#include "pipeline/prune.hpp"
#include "pipeline/review.hpp"

#include <deque>
#include <iostream>

namespace troupe {

namespace {

struct runs_flags : records_flags {
  std::string run, state, conversation, lang;
  std::size_t limit = 20;
};

value to_value(const run_record& r) {
  value::table out{{"run", r.run}};
  if (!r.conversation.empty()) out.emplace_back("conversation", r.conversation);
  out.emplace_back("id", r.message_id);
  out.emplace_back("accepted", format_time(r.accepted));
  out.emplace_back("state", name_of(r.state));
  out.emplace_back("input", r.input);
  if (!r.reply.is_none()) out.emplace_back("reply", r.reply);
  if (!r.slots.is_none()) out.emplace_back("slots", r.slots);
  if (r.failure) out.emplace_back("error", to_value(*r.failure));
  return value(std::move(out));
}

void list(command_context& c, const runs_flags& flags) {
  auto records = read_records(c, flags.data);
  if (!records) return;
  std::deque<run_record> last;
  auto scanned = records->scan(family::runs, "", "", [&](std::string_view, std::string_view v) {
    auto r = decode_run(v);
    if (!r || (!flags.state.empty() && name_of(r->state) != flags.state)) return true;
    if (!flags.conversation.empty() && r->conversation != flags.conversation) return true;
    last.push_back(std::move(*r));
    if (last.size() > flags.limit) last.pop_front();
    return true;
  });
  if (!scanned) return complain(c, scanned.error().message);
  if (flags.json) {
    value::list told;
    for (const run_record& r : last) told.push_back(to_value(r));
    std::cout << value(std::move(told)).to_text() << '\n';
    return;
  }
  for (const run_record& r : last) {
    std::string state(name_of(r.state));
    state.resize(8, ' ');
    std::cout << r.run << "  " << format_time(r.accepted) << "  " << state << "  "
              << (r.conversation.empty() ? "-" : r.conversation);
    if (r.failure) std::cout << "  " << r.failure->message;
    std::cout << '\n';
  }
}

std::optional<run_record> find(command_context& c, const store& records, const std::string& run) {
  auto record = read_run(records, run);
  if (record && *record) return std::move(**record);
  complain(c, record ? "there is no run `" + run + "`; `troupe runs list` has the last ones"
                     : record.error().message);
  return std::nullopt;
}

void show(command_context& c, const runs_flags& flags) {
  auto records = read_records(c, flags.data);
  if (!records) return;
  auto record = find(c, *records, flags.run);
  if (!record) return;
  const value told = to_value(*record);
  if (flags.json) {
    std::cout << told.to_text() << '\n';
    return;
  }
  for (const auto& [key, v] : told.as_table()) std::cout << key << ": " << v.to_text() << '\n';
  // Attempt by attempt, as long as its steps are kept and its graph still loads.
  const auto steps = read_steps(*records, flags.run);
  if (!steps || steps->empty()) return;
  const auto plan = recorded_graph(c, *records, record->graph_hash);
  const auto failures =
      plan ? failures_in_words(tell_story(*record, *steps, *plan), *choose_language({})) : "";
  if (!failures.empty()) std::cout << '\n' << failures;
}

void why(command_context& c, const runs_flags& flags) {
  const auto language = choose_language(flags.lang);
  if (!language) {
    std::cerr << "troupe: `--lang " << flags.lang << "`: it is told in `en` or `zh`\n";
    c.outcome = exit_code::usage;
    return;
  }
  auto records = read_records(c, flags.data);
  if (!records) return;
  auto record = find(c, *records, flags.run);
  if (!record) return;
  auto steps = read_steps(*records, flags.run);
  if (!steps) return complain(c, steps.error().message);
  if (steps->empty())
    return complain(c, record->state == run_status::state_type::queued
                           ? "run `" + flags.run + "` has not begun: it waits for its turn"
                           : "the steps of run `" + flags.run +
                                 "` are not kept any more; see `troupe serve --keep`");
  auto plan = recorded_graph(c, *records, record->graph_hash);
  if (!plan) return complain(c, plan.error().message);
  const story s = tell_story(*record, *steps, *plan);
  std::cout << (flags.json ? to_value(s).to_text() + '\n' : in_words(s, *language));
}

void add_why_options(CLI::App& sub, command_context& c, const std::shared_ptr<runs_flags>& flags) {
  sub.add_option("run", flags->run, "its id")->required();
  sub.add_option("--lang", flags->lang, "en or zh; otherwise as LANG says");
  sub.add_option("--data", flags->data, "folder of journal and state")->capture_default_str();
  sub.add_flag("--json", flags->json, "for programs");
  sub.callback([&c, flags] { why(c, *flags); });
}

}  // namespace

void add_runs(CLI::App& app, command_context& c) {
  auto* sub =
      app.add_subcommand("runs", "the runs of a data folder; also while a server runs on it");
  sub->require_subcommand(1);
  auto flags = std::make_shared<runs_flags>();
  auto* all = sub->add_subcommand("list", "the last runs");
  all->add_option("--limit", flags->limit, "how many")->capture_default_str();
  all->add_option("--state", flags->state, "only those that are so")
      ->check(CLI::IsMember({"queued", "running", "waiting", "finished", "failed"}));
  all->add_option("--conversation", flags->conversation, "only those of this one");
  auto* one = sub->add_subcommand("show", "one run: input, state, slots, reply or error");
  one->add_option("run", flags->run, "its id")->required();
  for (auto* s : {all, one}) {
    s->add_option("--data", flags->data, "folder of journal and state")->capture_default_str();
    s->add_flag("--json", flags->json, "for programs");
  }
  all->callback([&c, flags] { list(c, *flags); });
  one->callback([&c, flags] { show(c, *flags); });
  add_why_options(*sub->add_subcommand("why", "what happened in a run, and why"), c, flags);
}

void add_why(CLI::App& app, command_context& c) {
  add_why_options(*app.add_subcommand("why", "what happened in a run, and why, in plain words"), c,
                  std::make_shared<runs_flags>());
}

}  // namespace troupe
