// Reads the file that entity_rules.hpp describes.

#include "actors/stages/data_file.hpp"
#include "actors/stages/entity_rules.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>

namespace troupe::stages {

/// Walks the parsed file; stops at the first mistake.
class rules_reader {
 public:
  rules_reader(entity_rules& out, std::string_view file) : out_(out), file_(file) {}

  result<void> read(const toml::table& top) {
    for (const auto& [key, node] : top) {
      result<void> done;
      if (key == "ellipsis")
        done = read_patterns(node, key.str(), out_.ellipsis_);
      else if (key == "filler")
        done = read_patterns(node, key.str(), out_.filler_);
      else if (key == "entity")
        done = read_entities(node);
      else
        return unknown(node, key.str(), "ellipsis, filler, entity");
      if (!done) return done;
    }
    return {};
  }

 private:
  error wrong(const toml::node& node, const std::string& what) const {
    return {errc::invalid_request, file_ + ":" + std::to_string(node.source().begin.line) + ":" +
                                       std::to_string(node.source().begin.column) + ": " + what};
  }
  error unknown(const toml::node& node, std::string_view key, std::string_view known) const {
    return wrong(node, "unknown key `" + std::string(key) + "`; there are " + std::string(known));
  }

  result<void> read_text(const toml::node& node, std::string_view key, std::string& out) const {
    auto text = node.value_exact<std::string>();
    if (!text || text->empty())
      return wrong(node, "`" + std::string(key) + "` must be text that is not empty");
    out = *text;
    return {};
  }

  result<void> read_texts(const toml::node& node, std::string_view key,
                          std::vector<std::string>& out) const {
    const auto* items = node.as_array();
    if (!items) return wrong(node, "`" + std::string(key) + "` must be a list of texts");
    for (const auto& item : *items)
      if (auto done = read_text(item, key, out.emplace_back()); !done) return done;
    return {};
  }

  result<void> read_pattern(const toml::node& node, std::string_view key, regex& out) const {
    std::string text;
    if (auto done = read_text(node, key, text); !done) return done;
    auto compiled = regex::compile(text);
    if (!compiled) return wrong(node, compiled.error().message);
    out = std::move(*compiled);
    return {};
  }

  result<void> read_patterns(const toml::node& node, std::string_view key,
                             std::vector<regex>& out) const {
    const auto* items = node.as_array();
    if (!items) return wrong(node, "`" + std::string(key) + "` must be a list of patterns");
    for (const auto& item : *items)
      if (auto done = read_pattern(item, key, out.emplace_back()); !done) return done;
    return {};
  }

  result<void> read_entities(const toml::node& node) {
    const auto* items = node.as_array();
    if (!items) return wrong(node, "`entity` must be written as [[entity]]");
    for (const auto& item : *items) {
      const auto* table = item.as_table();
      if (!table) return wrong(item, "`entity` must be written as [[entity]]");
      auto& rule = out_.entities_.emplace_back();
      if (auto done = read_entity(*table, rule); !done) return done;
      if (rule.name.empty()) return wrong(item, "`name` of the entity is missing");
      if (rule.name == "all") return wrong(item, "an entity cannot be named `all`");
      if (std::ranges::count(out_.entities_, rule.name, &entity_rule::name) > 1)
        return wrong(item, "entity `" + rule.name + "` is there twice");
      if (rule.forms.empty()) return wrong(item, "entity `" + rule.name + "` has no `forms`");
    }
    return {};
  }

  result<void> read_entity(const toml::table& table, entity_rule& rule) const {
    for (const auto& [key, node] : table) {
      result<void> done;
      if (key == "name") {
        done = read_text(node, "name", rule.name);
      } else if (key == "label") {
        done = read_label(node, rule);
      } else if (key == "keep") {
        if (!node.is_boolean()) return wrong(node, "`keep` must be true or false");
        rule.keep = node.as_boolean()->get();
      } else if (key == "forms") {
        done = read_forms(node, rule);
      } else if (key == "refers") {
        done = read_patterns(node, "refers", rule.refers);
      } else if (key == "implied") {
        done = read_patterns(node, "implied", rule.implied);
      } else if (key == "intents") {
        done = read_texts(node, "intents", rule.intents);
      } else {
        return unknown(node, key.str(), "name, label, keep, forms, refers, implied, intents");
      }
      if (!done) return done;
    }
    if (rule.label_en.empty()) rule.label_en = rule.name;
    if (rule.label_zh.empty()) rule.label_zh = rule.label_en;
    return {};
  }

  result<void> read_label(const toml::node& node, entity_rule& rule) const {
    const auto* labels = node.as_table();
    if (!labels) return wrong(node, "`label` must be a table, as in { en = \"order\" }");
    for (const auto& [language, text] : *labels) {
      if (language != "en" && language != "zh") return unknown(text, language.str(), "en, zh");
      auto done = read_text(text, language.str(), language == "en" ? rule.label_en : rule.label_zh);
      if (!done) return done;
    }
    return {};
  }

  result<void> read_forms(const toml::node& node, entity_rule& rule) const {
    const auto* items = node.as_array();
    if (!items) return wrong(node, "`forms` must be a list of { match, value }");
    for (const auto& item : *items) {
      const auto* table = item.as_table();
      if (!table || !table->contains("match"))
        return wrong(item, "a form must be a table with `match`");
      auto& form = rule.forms.emplace_back();
      for (const auto& [key, part] : *table) {
        result<void> done;
        if (key == "match") {
          done = read_pattern(part, "match", form.match);
        } else if (key == "value") {
          done = read_text(part, "value", form.value);
        } else if (key == "days") {
          auto days = part.value_exact<std::int64_t>();
          if (!days || *days < -366 || *days > 366)
            return wrong(part, "`days` must be a whole number from -366 to 366");
          form.days = static_cast<int>(*days);
        } else {
          return unknown(part, key.str(), "match, value, days");
        }
        if (!done) return done;
      }
      if (auto done = check_value(item, form); !done) return done;
    }
    return {};
  }

  /// Every `{` of a form's value must open {n} or {n:0w} with an existing group.
  result<void> check_value(const toml::node& node, const entity_rule::form& form) const {
    static const auto hole = *regex::compile(R"(^\{(\d)(?::0\d)?\})");
    for (auto at = form.value.find('{'); at != std::string::npos;
         at = form.value.find('{', at + 1)) {
      auto found = hole.search(std::string_view(form.value).substr(at));
      if (!found)
        return wrong(node, "`value` holds a `{` that does not open {0}, {1}, {1:02} or the like");
      if (static_cast<std::size_t>(form.value[at + 1] - '0') > form.match.groups())
        return wrong(node, "`value` names group {" + form.value.substr(at + 1, 1) +
                               "}, but `match` has " + std::to_string(form.match.groups()));
    }
    return {};
  }

  entity_rules& out_;
  std::string file_;
};

result<entity_rules> entity_rules::parse(std::string_view text, std::string_view file) {
  entity_rules rules;
  try {
    auto done = rules_reader(rules, file).read(toml::parse(text, file));
    if (!done) return std::move(done).error();
  } catch (const toml::parse_error& e) {
    return error{errc::invalid_request,
                 std::string(file) + ":" + std::to_string(e.source().begin.line) + ":" +
                     std::to_string(e.source().begin.column) + ": " + std::string(e.description())};
  }
  return rules;
}

result<entity_rules> entity_rules::load(const std::filesystem::path& file) {
  auto text = read_data_file(file);
  if (!text) return std::move(text).error();
  return parse(*text, file.string());
}

}  // namespace troupe::stages
