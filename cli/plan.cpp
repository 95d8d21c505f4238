// troupe plan NEW.toml: what would change if a running graph were replaced by another.

#include "cli/records.hpp"
#include "dsl/bill.hpp"
#include "dsl/diagnostics.hpp"
#include "dsl/difference.hpp"

#include <iostream>

namespace troupe {

namespace {

namespace json = boost::json;

struct plan_flags {
  std::string file;
  records_flags records;
};

/// The graph that new runs start on now, and which runs have not ended.
struct present_state {
  graph_record record;
  std::map<std::string, std::size_t> unfinished;  ///< by hash
};

std::string text_at(const json::value& v, std::string_view key) {
  const auto* found = v.as_object().if_contains(json::string_view(key.data(), key.size()));
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::optional<present_state> ask_for_state(command_context& c, const std::string& url) {
  auto told = ask_server(c, url, "GET", "/v1/admin/graph");
  if (!told || !told->is_object()) return std::nullopt;
  present_state p;
  p.record.file = text_at(*told, "file");
  p.record.text = text_at(*told, "text");
  for (const auto& inner : told->at("inner").as_array())
    p.record.inner.push_back({text_at(inner, "file"), text_at(inner, "text")});
  for (const auto& [hash, runs] : told->at("unfinished").as_object())
    p.unfinished[std::string(hash)] = runs.to_number<std::size_t>();
  return p;
}

result<present_state> read_state(const store& records, const std::string& folder) {
  auto hash = records.get(family::graphs, current_graph_key);
  if (!hash) return std::move(hash).error();
  if (!*hash) return error{errc::not_found, "no graph has run on `" + folder + "` yet"};
  auto bytes = records.get(family::graphs, **hash);
  if (!bytes) return std::move(bytes).error();
  if (!*bytes)
    return error{errc::not_found, "the graph that ran on `" + folder + "` is not on record"};
  auto record = decode_graph(**bytes);
  if (!record) return std::move(record).error();
  auto unfinished = unfinished_by_graph(records);
  if (!unfinished) return std::move(unfinished).error();
  return present_state{std::move(*record), std::move(*unfinished)};
}

std::optional<present_state> find_state(command_context& c, const records_flags& flags) {
  if (!flags.url.empty()) return ask_for_state(c, find_server(flags));
  auto records = read_records(c, flags.data);
  if (!records) return std::nullopt;
  auto found = read_state(*records, flags.data);
  if (found) return std::move(*found);
  complain(c, found.error().message);
  return std::nullopt;
}

std::size_t runs_of_others(const present_state& p, const std::string& hash) {
  std::size_t runs = 0;
  for (const auto& [version, count] : p.unfinished) runs += version == hash ? 0 : count;
  return runs;
}

std::string indented(std::string text) {
  std::string out = "  ";
  while (text.ends_with('\n')) text.pop_back();
  for (char ch : text) {
    out += ch;
    if (ch == '\n') out += "  ";
  }
  return out + "\n";
}

void print(const graph& before, const graph& after, const present_state& now) {
  const auto changes = differences(before, after);
  std::cout << "graph `" << after.name << "`: " << before.hash << " → " << after.hash << "\n";
  if (before.hash == after.hash)
    std::cout << "nothing changes: both are the same text\n";
  else if (changes.empty())
    std::cout << "nothing changes but the way it is written\n";
  else
    std::cout << render(changes);
  const auto was = render(bill_of(before), before), is = render(bill_of(after), after);
  if (was == is)
    std::cout << "bill, unchanged\n" << indented(is);
  else
    std::cout << "bill before\n" << indented(was) << "bill after\n" << indented(is);
  const auto runs = runs_of_others(now, after.hash);
  std::cout << "runs\n  "
            << (runs == 0   ? "none is under way on another version"
                : runs == 1 ? "1 run is under way and finishes on the version it began on"
                            : std::to_string(runs) +
                                  " runs are under way and finish on the version they began on")
            << "\n";
}

void print_as_json(const graph& before, const graph& after, const present_state& now) {
  auto about = [](const graph& g) {
    return json::object{{"graph", g.name}, {"hash", g.hash}, {"bill", to_json(bill_of(g), g)}};
  };
  json::object unfinished;
  for (const auto& [hash, runs] : now.unfinished) unfinished[hash] = runs;
  std::cout << json::serialize(json::object{{"ok", true},
                                            {"before", about(before)},
                                            {"after", about(after)},
                                            {"changes", to_json(differences(before, after))},
                                            {"unfinished", std::move(unfinished)},
                                            {"finish_on_others", runs_of_others(now, after.hash)}})
            << '\n';
}

/// The new graph; its findings are printed, and if it is wrong there is none.
std::shared_ptr<const graph> load_new(command_context& c, const plan_flags& flags) {
  if (!flags.records.json) return load_graph_file(c, flags.file);
  const loaded l = load_graph_findings(c, flags.file);
  if (l.graph) return l.graph;
  std::cout << json::serialize(
                   json::object{{"ok", false}, {"diagnostics", to_json(l.diagnostics, l.files)}})
            << '\n';
  c.outcome = exit_code::failed;
  return nullptr;
}

void plan(command_context& c, const plan_flags& flags) {
  const auto after = load_new(c, flags);
  if (!after) return;
  const auto now = find_state(c, flags.records);
  if (!now) return;
  registry types = c.own_stages;
  const loaded before = load_with_plugins(c, types, now->record.text, now->record.file,
                                          {.scripted_models = {}, .kept = now->record.inner});
  if (!before.graph)
    return complain(c, "the present graph does not load here any more:\n" + render(before));
  (flags.records.json ? print_as_json : print)(*before.graph, *after, *now);
}

}  // namespace

void add_plan(CLI::App& app, command_context& c) {
  auto* sub = app.add_subcommand("plan", "what changes from the graph that runs to another");
  auto flags = std::make_shared<plan_flags>();
  sub->add_option("graph", flags->file, "the new graph")->required();
  add_records_options(*sub, flags->records);
  sub->callback([&c, flags] { plan(c, *flags); });
}

}  // namespace troupe
