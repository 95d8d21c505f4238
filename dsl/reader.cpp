#include "dsl/reader.hpp"

#include "dsl/reader_parts.hpp"
#include "dsl/suggest.hpp"
#include "dsl/text_width.hpp"
#include "dsl/toml_text.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr source_range first_character{1, 1, 2};

/// Calls `read` for each entry of a table of named tables such as [stage.NAME].
void read_named(table_reader& top, const char* key, std::string_view what,
                const std::function<void(const table_reader::item&)>& read) {
  const toml::table* table = top.table(key);
  if (!table) return;
  for (const auto& entry : in_file_order(*table)) {
    if (!is_identifier(*entry.key))
      top.report("bad-name", "`" + *entry.key + "` cannot be the name of " + std::string(what),
                 entry.key.at,
                 "a name has letters, digits and `_`, and does not begin with a digit");
    read(entry);
  }
}

void read_top(const toml::table& root, graph_spec& spec, std::vector<diagnostic>& findings) {
  table_reader top(root, "the file", first_character, findings);
  if (const toml::table* graph = top.table("graph")) {
    table_reader table(*graph, "[graph]", range_of(*graph), findings);
    read_graph_table(table, spec);
  } else if (!root.contains("graph")) {
    top.report("missing-key", "there is no [graph] table", first_character,
               "[graph] says the graph's `name`, where it starts (`start`) and which slot it gives "
               "back (`output`)");
  }
  read_named(top, "input", "a slot", [&](const table_reader::item& entry) {
    spec.inputs.push_back(read_input(entry, findings));
  });
  read_named(top, "model", "a model", [&](const table_reader::item& entry) {
    spec.models.push_back(read_model(entry, findings));
  });
  if (const toml::table* plugins = top.table("plugins")) {
    table_reader table(*plugins, "[plugins]", range_of(*plugins), findings);
    table.texts("load", spec.plugins);
    table.finish();
  }
  read_named(top, "stage", "a stage", [&](const table_reader::item& entry) {
    spec.stages.push_back(read_stage(entry, findings));
  });
  if (!root.contains("stage"))
    top.report("missing-key", "the graph has no stages", first_character,
               "a stage is a table [stage.NAME] with `use` and `next`");
  top.finish();
}

/// The parser counts the end of the last line as a character of it.
source_range within(source_range at, std::string_view text) {
  std::size_t start = 0;
  for (std::uint32_t line = 1; line < at.line; ++line) {
    const std::size_t end = text.find('\n', start);
    if (end == text.npos) break;
    start = end + 1;
  }
  const std::string_view line = text.substr(start, text.find('\n', start) - start);
  at.column = std::min(at.column, static_cast<std::uint32_t>(count_code_points(line) + 1));
  at.end_column = std::max(at.end_column, at.column + 1);
  return at;
}

/// "Error while parsing string: …" says "error" once too often.
std::string syntax_message(std::string_view description) {
  constexpr std::string_view prefix = "Error while parsing ";
  if (description.starts_with(prefix))
    return "while reading " + std::string(description.substr(prefix.size()));
  return std::string(description);
}

}  // namespace

void read_graph_table(table_reader& table, graph_spec& spec) {
  table.require("name", "the name of the graph, for logs, metrics and clients");
  table.name("name", spec.name, "a graph");
  table.required_text("start", spec.start, "the name of the stage where every run begins");
  table.require("output", "the slot that is given back to the caller");
  table.name("output", spec.output, "a slot");
  table.names("persist", spec.persist, "a slot");
  table.length_of_time("deadline", spec.deadline);

  if (const toml::table* budget = table.table("budget")) {
    table_reader inner(*budget, "`budget`", range_of(*budget), table.findings());
    inner.require("tokens", "the most tokens a run may use");
    inner.count("tokens", spec.token_budget, {1, 1'000'000'000});
    inner.finish();
  }

  located<std::string> busy;
  table.one_of("on_busy", busy, {"queue", "reject", "interrupt"});
  if (busy.given())
    spec.busy = {*busy == "queue"    ? on_busy::queue
                 : *busy == "reject" ? on_busy::reject
                                     : on_busy::interrupt,
                 busy.at};
  located<std::string> left;
  table.one_of("on_disconnect", left, {"finish", "cancel"});
  if (left.given())
    spec.left = {*left == "cancel" ? when_left::is_cancelled : when_left::continues, left.at};
  table.finish();
}

input_spec read_input(const table_reader::item& entry, std::vector<diagnostic>& findings) {
  static const std::vector<std::string> types = {"text", "bool", "int", "float", "list", "table"};
  input_spec spec;
  spec.name = entry.key;
  auto set_type = [&](const located<std::string>& word) {
    if (word.given()) spec.type = {*slot_type_from_name(*word), word.at};
  };
  located<std::string> word;
  if (const toml::table* table = entry.node->as_table()) {
    table_reader inner(*table, "input `" + *entry.key + "`", range_of(*table), findings);
    inner.require("type", "one of " + quoted_list(types));
    inner.one_of("type", word, types);
    set_type(word);
    if (const toml::node* fallback = inner.find("default")) {
      spec.fallback = read_value(*fallback, findings);
      slot_type type = spec.fallback->plain.type();
      if (spec.type.given() && type != slot_type::none && !converts(type, *spec.type))
        inner.report("wrong-type",
                     "the default of `" + *entry.key + "` must be " +
                         std::string(name_of(*spec.type)) + ", not " + std::string(name_of(type)),
                     spec.fallback->at);
    }
    inner.finish();
    return spec;
  }
  auto report = [&](std::string kind, std::string message, std::string hint) {
    findings.push_back({severity::error, std::move(kind), std::move(message), range_of(*entry.node),
                        std::move(hint)});
  };
  const auto* text = entry.node->as_string();
  if (!text)
    report("wrong-type",
           "`" + *entry.key + "` must be the name of a type, not " +
               std::string(type_name(*entry.node)),
           "one of " + quoted_list(types));
  else if (!slot_type_from_name(text->get()))
    report("bad-value", "`" + text->get() + "` is no type of slot", suggest(text->get(), types));
  else
    set_type({text->get(), range_of(*text)});
  return spec;
}

read_result read_graph_spec(std::string text, std::filesystem::path file, std::uint32_t number) {
  read_result out;
  out.spec.file = std::move(file);
  out.spec.text = std::move(text);
  out.spec.number = number;
  const std::string& content = out.spec.text;
  if (content.size() > largest_graph_file) {
    out.findings.push_back({severity::error, "too-large",
                            "the file has " + std::to_string(content.size()) +
                                " bytes; a graph has at most " + std::to_string(largest_graph_file),
                            first_character, "keep data in files of its own"});
    return out;
  }
  if (auto place = too_deep(content)) {
    out.findings.push_back({severity::error, "too-deep", "this is nested too deeply", *place, ""});
    return out;
  }
  try {
    toml::table root = toml::parse(std::string_view(content), source_path(number));
    out.is_toml = true;
    read_top(root, out.spec, out.findings);
  } catch (const toml::parse_error& e) {
    out.findings.push_back({severity::error, "syntax", syntax_message(e.description()),
                            within(range_of(e.source()), content), ""});
  }
  for (diagnostic& d : out.findings) d.at.file = number;
  return out;
}

}  // namespace troupe
