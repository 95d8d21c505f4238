#include "dsl/test_file_parts.hpp"

#include "dsl/suggest.hpp"

#include <algorithm>
#include <array>

namespace troupe {

namespace {

using decision = test_decision::kind;

struct word {
  const char* name;
  decision what;
};
constexpr std::array decision_words = {
    word{"approve", decision::approve}, word{"reject", decision::reject},
    word{"edit", decision::edit}, word{"expire", decision::expire}};

std::vector<std::string> names_of_words() {
  std::vector<std::string> names;
  for (const word& w : decision_words) names.emplace_back(w.name);
  return names;
}

/// One item, or the items of a list.
std::vector<const toml::node*> items_of(const toml::node& node) {
  std::vector<const toml::node*> items;
  if (const auto* list = node.as_array())
    for (const toml::node& item : *list) items.push_back(&item);
  else
    items.push_back(&node);
  return items;
}

/// A text, or a list of texts.
void read_texts(table_reader& in, const char* key, std::vector<located<std::string>>& out) {
  const toml::node* node = in.find(key);
  if (!node) return;
  for (const toml::node* item : items_of(*node)) {
    if (const auto* text = item->as_string(); text && !text->get().empty())
      out.push_back({text->get(), range_of(*item)});
    else
      in.report("wrong-type", "`" + std::string(key) + "` must be a text or a list of texts",
                range_of(*item));
  }
}

void read_answer(table_reader& in, const toml::node& node, engine_rule& rule) {
  scripted_answer answer;
  if (const auto* plain = node.as_string()) {
    answer.text = plain->get();
  } else if (const auto* fields = node.as_table()) {
    table_reader table(*fields, "an answer", range_of(*fields), in.findings());
    located<std::string> text, code, message{.value = "the script says so"};
    located<duration> takes;
    table.text("text", text);
    table.text("error", code);
    table.text("message", message);
    table.length_of_time("takes", takes);
    table.finish();
    answer.text = *text;
    answer.takes = *takes;
    if (code.given()) {
      const auto known = errc_from_name(*code);
      if (!known)
        table.report("bad-value", "`" + *code + "` is no way for an engine to fail", code.at,
                     "say `unavailable`, `overloaded`, `rate_limited`, `timeout` or `failed`");
      answer.failure = error{known.value_or(errc::failed), *message};
    }
  } else {
    in.report("wrong-type", "an answer must be a text, or a table with `text` or `error`",
              range_of(node));
  }
  rule.answers.push_back(std::move(answer));
}

void read_rule(const std::string& name, const toml::table& node, engine_script& script,
               std::vector<diagnostic>& findings) {
  table_reader table(node, "[engine." + name + "]", range_of(node), findings);
  engine_rule rule;
  std::vector<located<std::string>> prompt;
  read_texts(table, "prompt", prompt);
  for (auto& text : prompt) rule.prompt.push_back(std::move(text.value));
  if (const toml::node* answers = table.require("answers", "what the engine says, in order"))
    for (const toml::node* item : items_of(*answers)) read_answer(table, *item, rule);
  table.finish();
  script.push_back(std::move(rule));
}

test_decision read_decision(table_reader& in, const toml::node& node) {
  if (const auto* text = node.as_string()) {
    for (const word& w : decision_words)
      if (text->get() == w.name && w.what != decision::edit) return {w.what, ""};
    const bool edits = text->get() == "edit";
    in.report(
        "bad-value",
        edits ? std::string("`edit` needs the new text") : "`" + text->get() + "` is no decision",
        range_of(node),
        edits ? "write { edit = \"the new text\" }" : suggest(text->get(), names_of_words()));
    return {};
  }
  if (const auto* table = node.as_table(); table && table->size() == 1)
    for (const word& w : decision_words)
      if (const auto* text = (*table)[w.name].as_string()) return {w.what, text->get()};
  in.report("wrong-type",
            "a decision is \"approve\", \"reject\", \"expire\", { reject = \"COMMENT\" } or "
            "{ edit = \"TEXT\" }",
            range_of(node));
  return {};
}

void read_reviews(table_reader& in, test_reviews& out) {
  const toml::node* node = in.find("review");
  if (!node) return;
  out.at = range_of(*node);
  out.for_all = !node->is_array();
  out.decisions.clear();
  for (const toml::node* item : items_of(*node)) out.decisions.push_back(read_decision(in, *item));
}

void read_path(table_reader& in, expectation& out) {
  const toml::node* node = in.find("path");
  if (!node) return;
  out.path_at = range_of(*node);
  for (const toml::node* item : items_of(*node)) {
    expected_part part;
    for (const toml::node* name : items_of(*item)) {
      const auto* text = name->as_string();
      if (!text || (text->get() == "..." && name != item)) {
        in.report("wrong-type",
                  "`path` must be a list of stages, of \"...\", and of lists of stages that may "
                  "come in any order",
                  range_of(*name));
        continue;
      }
      part.anything = text->get() == "...";
      if (!part.anything) part.lines.push_back(text->get());
    }
    if (part.anything || !part.lines.empty()) out.path.push_back(std::move(part));
  }
}

void read_slots(table_reader& in, expectation& out) {
  if (const toml::table* slots = in.table("slots"))
    for (const auto& [name, node] : in_file_order(*slots))
      out.slots.emplace_back(name, read_value(*node, in.findings()).plain);
}

void read_expectation(const toml::table& node, expectation& out,
                      std::vector<diagnostic>& findings) {
  table_reader table(node, "`expect`", range_of(node), findings);
  read_texts(table, "contains", out.contains);
  read_texts(table, "excludes", out.excludes);
  if (const toml::node* reply = table.find("reply")) {
    out.reply = reply->value<std::string>();
    if (!reply->is_string())
      table.report("wrong-type", "`reply` must be a text; `slots` compares other values",
                   range_of(*reply));
  }
  read_texts(table, "holds", out.holds);
  read_slots(table, out);
  read_path(table, out);
  read_texts(table, "events", out.events);
  table.length_of_time("within", out.within);
  table.text("error", out.error);
  static const std::vector<std::string> keys = {"contains", "excludes", "reply",  "holds", "slots",
                                                "path",     "events",   "within", "error"};
  for (const auto& [name, slot] : in_file_order(node))
    if (std::ranges::find(keys, *name) == keys.end())
      out.slots.emplace_back(name, read_value(*slot, findings).plain);
}

}  // namespace

void read_engines(table_reader& in, std::vector<scripted_model>& out) {
  const toml::table* engines = in.table("engine");
  if (!engines) return;
  for (const auto& [name, node] : in_file_order(*engines)) {
    scripted_model model{name, {}};
    for (const toml::node* rule : items_of(*node)) {
      if (const auto* table = rule->as_table())
        read_rule(*name, *table, model.script, in.findings());
      else
        in.report("wrong-type", "`" + *name + "` must be a table with `answers`", range_of(*rule),
                  "write [engine." + *name + "]");
    }
    out.push_back(std::move(model));
  }
}

void read_run_parts(table_reader& in, test_run& run) {
  if (const toml::table* input = in.table("input"))
    for (const auto& [name, node] : in_file_order(*input))
      run.input.emplace_back(*name, read_value(*node, in.findings()).plain);
  read_reviews(in, run.reviews);
  if (const toml::table* expect = in.table("expect"))
    read_expectation(*expect, run.expect, in.findings());
}

}  // namespace troupe
