#include "dsl/test_file.hpp"

#include "dsl/diagnostics.hpp"
#include "dsl/suggest.hpp"
#include "dsl/table_reader.hpp"
#include "dsl/test_file_parts.hpp"
#include "dsl/toml_text.hpp"

#include <algorithm>
#include <set>

namespace troupe {

namespace {

constexpr source_range first_character{1, 1, 2};

/// Calls `read` for each table of [[key]].
void read_all(table_reader& in, const char* key,
              const std::function<void(const toml::table&)>& read) {
  const toml::node* node = in.find(key);
  if (!node) return;
  const auto* all = node->as_array();
  if (!all)
    return in.report("wrong-type", "`" + std::string(key) + "` must be a list of tables",
                     range_of(*node), "write [[" + std::string(key) + "]]");
  for (const toml::node& item : *all) {
    if (const auto* table = item.as_table())
      read(*table);
    else
      in.report("wrong-type", "`" + std::string(key) + "` must be a list of tables",
                range_of(item));
  }
}

test_run read_turn(const toml::table& node, std::vector<diagnostic>& findings) {
  table_reader table(node, "[[dialogue.turn]]", range_of(node), findings);
  test_run run;
  run.at = range_of(node);
  located<std::string> say;
  table.required_text("say", say, "what the user says");
  run.input.emplace_back("text", *say);
  read_run_parts(table, run);
  table.finish();
  return run;
}

test_case read_dialogue(const toml::table& node, std::vector<diagnostic>& findings) {
  table_reader table(node, "[[dialogue]]", range_of(node), findings);
  test_case out{.what = test_case::kind::dialogue, .at = range_of(node)};
  located<std::string> name;
  table.required_text("name", name, "what the test is about");
  out.name = *name;
  read_engines(table, out.engines);
  read_all(table, "turn",
           [&](const toml::table& turn) { out.runs.push_back(read_turn(turn, findings)); });
  if (out.runs.empty())
    table.report("missing-key", "the dialogue has no turns", out.at,
                 "a turn is a table [[dialogue.turn]] with `say` and `expect`");
  table.finish();
  return out;
}

test_case read_job(const toml::table& node, std::vector<diagnostic>& findings) {
  table_reader table(node, "[[job]]", range_of(node), findings);
  test_case out{.what = test_case::kind::job, .at = range_of(node)};
  located<std::string> name;
  table.required_text("name", name, "what the test is about");
  out.name = *name;
  read_engines(table, out.engines);
  out.runs.emplace_back().at = out.at;
  read_run_parts(table, out.runs.back());
  table.finish();
  return out;
}

void append(std::vector<diagnostic>& to, std::vector<diagnostic> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

read_tests read_test_file(std::string text, std::filesystem::path file) {
  read_tests out;
  out.tests.file = std::move(file);
  out.tests.text = std::move(text);
  if (auto place = too_deep(out.tests.text)) {
    out.findings.push_back({severity::error, "too-deep", "this is nested too deeply", *place, ""});
    return out;
  }
  try {
    const toml::table root = toml::parse(std::string_view(out.tests.text));
    table_reader top(root, "the file", first_character, out.findings);
    read_engines(top, out.tests.engines);
    read_all(top, "dialogue", [&](const toml::table& t) {
      out.tests.cases.push_back(read_dialogue(t, out.findings));
    });
    read_all(top, "job",
             [&](const toml::table& t) { out.tests.cases.push_back(read_job(t, out.findings)); });
    if (!root.contains("dialogue") && !root.contains("job"))
      top.report("missing-key", "there are no tests in the file", first_character,
                 "a test is a table [[dialogue]] or [[job]]");
    top.finish();
  } catch (const toml::parse_error& e) {
    out.findings.push_back(
        {severity::error, "syntax", std::string(e.description()), range_of(e.source()), ""});
  }
  std::ranges::stable_sort(out.tests.cases, {}, [](const test_case& c) { return c.at.line; });
  sort_by_place(out.findings);
  return out;
}

std::vector<std::string> test_file::scripted_models() const {
  std::set<std::string> names;
  for (const scripted_model& m : engines) names.insert(*m.name);
  for (const test_case& c : cases)
    for (const scripted_model& m : c.engines) names.insert(*m.name);
  return {names.begin(), names.end()};
}

std::vector<diagnostic> check_tests(const test_file& tests, const graph& plan) {
  std::vector<diagnostic> out;
  std::vector<std::string> models, inputs;
  for (const model_spec& m : plan.models) models.push_back(*m.name);
  for (const graph_input& i : plan.inputs)
    inputs.push_back(plan.slots[static_cast<std::size_t>(i.slot)]);
  auto check_models = [&](const std::vector<scripted_model>& scripted) {
    for (const scripted_model& m : scripted)
      if (std::ranges::find(models, *m.name) == models.end())
        out.push_back({severity::error, "unknown-model", "the graph has no model `" + *m.name + "`",
                       m.name.at, suggest(*m.name, models)});
  };
  check_models(tests.engines);
  for (const test_case& c : tests.cases) {
    check_models(c.engines);
    for (const test_run& run : c.runs) {
      for (const auto& [name, unused] : run.input)
        if (std::ranges::find(inputs, name) == inputs.end())
          out.push_back({severity::error, "unknown-slot", "the graph has no input `" + name + "`",
                         run.at, suggest(name, inputs)});
      append(out, check_expectation(run.expect, plan));
    }
  }
  sort_by_place(out);
  return out;
}

}  // namespace troupe
