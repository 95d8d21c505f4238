#include "dsl/table_reader.hpp"

#include "dsl/suggest.hpp"
#include "pipeline/value_traits.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

namespace troupe {

namespace {

std::string quoted(std::string_view key) { return "`" + std::string(key) + "`"; }

}  // namespace

std::string source_path(std::uint32_t number) {
  return number == 0 ? std::string() : std::to_string(number);
}

source_range range_of(const toml::source_region& region) noexcept {
  source_range at{region.begin.line, region.begin.column, region.begin.column + 1};
  if (region.path) {
    const std::string& number = *region.path;
    std::from_chars(number.data(), number.data() + number.size(), at.file);
  }
  if (region.end.line == region.begin.line && region.end.column > at.column)
    at.end_column = region.end.column;
  else if (region.end.line > region.begin.line)
    at.end_column = std::numeric_limits<std::uint32_t>::max();  // to the end of the line
  return at;
}

source_range range_of(const toml::node& node) noexcept { return range_of(node.source()); }

bool is_identifier(std::string_view name) noexcept {
  auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  auto fits = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, fits);
}

std::string_view type_name(const toml::node& node) noexcept {
  switch (node.type()) {
    case toml::node_type::boolean:
      return "bool";
    case toml::node_type::integer:
      return "int";
    case toml::node_type::floating_point:
      return "float";
    case toml::node_type::string:
      return "text";
    case toml::node_type::array:
      return "list";
    case toml::node_type::table:
      return "table";
    default:
      return "a date or time";
  }
}

std::vector<table_reader::item> in_file_order(const toml::table& table) {
  std::vector<table_reader::item> items;
  for (auto&& [key, node] : table)
    items.push_back({{std::string(key.str()), range_of(key.source())}, &node});
  std::ranges::stable_sort(items, {}, [](const table_reader::item& i) {
    return std::tuple(i.key.at.line, i.key.at.column);
  });
  return items;
}

located_value read_value(const toml::node& node, std::vector<diagnostic>& findings) {
  located_value out;
  out.at = range_of(node);
  switch (node.type()) {
    case toml::node_type::boolean:
      out.plain = value(node.as_boolean()->get());
      break;
    case toml::node_type::integer:
      out.plain = value(node.as_integer()->get());
      break;
    case toml::node_type::floating_point:
      out.plain = value(node.as_floating_point()->get());
      break;
    case toml::node_type::string:
      out.plain = value(node.as_string()->get());
      break;
    case toml::node_type::array: {
      value::list items;
      for (const toml::node& item : *node.as_array()) {
        out.items.push_back(read_value(item, findings));
        items.push_back(out.items.back().plain);
      }
      out.plain = value(std::move(items));
      break;
    }
    case toml::node_type::table: {
      value::table entries;
      for (auto& [key, item] : in_file_order(*node.as_table())) {
        out.entries.push_back({key, read_value(*item, findings)});
        entries.emplace_back(key.value, out.entries.back().value.plain);
      }
      out.plain = value(std::move(entries));
      break;
    }
    default:
      findings.push_back({severity::error, "wrong-type", "no slot can hold a date or time", out.at,
                          "write it as text, in quotes"});
  }
  return out;
}

table_reader::table_reader(const toml::table& table, std::string title, source_range at,
                           std::vector<diagnostic>& findings)
    : table_(&table), title_(std::move(title)), at_(at), findings_(&findings) {}

void table_reader::report(std::string kind, std::string message, source_range at,
                          std::string hint) const {
  findings_->push_back({severity::error, std::move(kind), std::move(message), at, std::move(hint)});
}

void table_reader::wrong_type(const toml::node& node, const char* key, std::string_view wanted,
                              std::string hint) const {
  report("wrong-type",
         quoted(key) + " must be " + std::string(wanted) + ", not " + std::string(type_name(node)),
         range_of(node), std::move(hint));
}

const toml::node* table_reader::find(const char* key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return table_->get(key);
}

const toml::node* table_reader::require(const char* key, std::string hint) {
  const toml::node* node = find(key);
  if (!node) report("missing-key", quoted(key) + " is missing in " + title_, at_, std::move(hint));
  return node;
}

std::optional<located<std::string>> table_reader::text_of(const toml::node& node,
                                                          const std::string& subject) const {
  const auto* text = node.as_string();
  if (!text) {
    report("wrong-type", subject + " must be text, not " + std::string(type_name(node)),
           range_of(node));
    return std::nullopt;
  }
  if (text->get().empty()) {
    report("bad-value", subject + " must not be empty", range_of(node));
    return std::nullopt;
  }
  return located<std::string>{text->get(), range_of(node)};
}

void table_reader::text(const char* key, located<std::string>& out) {
  if (const toml::node* node = find(key))
    if (auto t = text_of(*node, quoted(key))) out = std::move(*t);
}

void table_reader::required_text(const char* key, located<std::string>& out, std::string hint) {
  if (const toml::node* node = require(key, std::move(hint)))
    if (auto t = text_of(*node, quoted(key))) out = std::move(*t);
}

bool table_reader::check_identifier(const located<std::string>& name, std::string_view what) const {
  if (is_identifier(*name)) return true;
  report("bad-name", "`" + *name + "` cannot be the name of " + std::string(what), name.at,
         "a name has letters, digits and `_`, and does not begin with a digit");
  return false;
}

void table_reader::name(const char* key, located<std::string>& out, std::string_view what) {
  located<std::string> read;
  text(key, read);
  if (read.given() && check_identifier(read, what)) out = std::move(read);
}

void table_reader::one_of(const char* key, located<std::string>& out,
                          const std::vector<std::string>& words) {
  located<std::string> read;
  text(key, read);
  if (!read.given()) return;
  if (std::ranges::find(words, *read) == words.end())
    return report("bad-value", quoted(key) + " cannot be `" + *read + "`", read.at,
                  suggest(*read, words));
  out = std::move(read);
}

void table_reader::count(const char* key, located<std::int64_t>& out, count_limits limits) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto* number = node->as_integer();
  if (!number) return wrong_type(*node, key, "int");
  if (number->get() < limits.min || number->get() > limits.max)
    return report("bad-value",
                  quoted(key) + " must be between " + std::to_string(limits.min) + " and " +
                      std::to_string(limits.max) + ", not " + std::to_string(number->get()),
                  range_of(*node));
  out = {number->get(), range_of(*node)};
}

void table_reader::count(const char* key, std::optional<located<std::int64_t>>& out,
                         count_limits limits) {
  located<std::int64_t> read;
  count(key, read, limits);
  if (read.given())
    out = read;
  else if (const toml::node* node = find(key))
    out = {limits.min, range_of(*node)};
}

void table_reader::amount(const char* key, located<double>& out) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto number = node->is_number() ? node->value<double>() : std::nullopt;
  if (!number) return wrong_type(*node, key, "a number");
  if (!(*number >= 0) || std::isinf(*number))
    return report("bad-value", quoted(key) + " must be a number from 0 on", range_of(*node));
  out = {*number, range_of(*node)};
}

void table_reader::length_of_time(const char* key, located<duration>& out) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto* text = node->as_string();
  if (!text) return wrong_type(*node, key, "a duration", "write it as text: \"250ms\", \"8s\"");
  auto length = parse_duration(text->get());
  if (!length)
    return report("bad-duration", quoted(key) + " " + length.error().message, range_of(*node));
  if (length->count() == 0)
    return report("bad-duration", quoted(key) + " must be longer than nothing", range_of(*node));
  out = {*length, range_of(*node)};
}

void table_reader::backoff(const char* key, located<duration>& min, located<duration>& max) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto* text = node->as_string();
  if (!text)
    return wrong_type(*node, key, "a range of durations", "write it as text: \"50ms..1s\"");
  std::string_view range = text->get();
  std::size_t dots = range.find("..");
  auto low = parse_duration(range.substr(0, dots));
  auto high = dots == range.npos ? low : parse_duration(range.substr(dots + 2));
  if (!low || !high)
    return report(
        "bad-range",
        quoted(key) + " must be a range such as \"50ms..1s\", not \"" + std::string(range) + "\"",
        range_of(*node));
  if (*high < *low)
    return report("bad-range", quoted(key) + " ends before it begins", range_of(*node),
                  "put the shorter one first: \"" + format_duration(*high) + ".." +
                      format_duration(*low) + "\"");
  min = {*low, range_of(*node)};
  max = {*high, range_of(*node)};
}

void table_reader::texts(const char* key, std::vector<located<std::string>>& out) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto* list = node->as_array();
  if (!list) return wrong_type(*node, key, "a list of texts");
  for (const toml::node& element : *list) {
    auto text = text_of(element, "an item of `" + std::string(key) + "`");
    if (!text) continue;
    if (std::ranges::any_of(out, [&](auto& earlier) { return *earlier == **text; })) {
      report("duplicate-name", "`" + **text + "` is in `" + key + "` twice", text->at);
      continue;
    }
    out.push_back(std::move(*text));
  }
}

void table_reader::names(const char* key, std::vector<located<std::string>>& out,
                         std::string_view what) {
  std::vector<located<std::string>> read;
  texts(key, read);
  for (auto& name : read)
    if (check_identifier(name, what)) out.push_back(std::move(name));
}

const toml::table* table_reader::table(const char* key) {
  const toml::node* node = find(key);
  if (!node) return nullptr;
  if (!node->is_table()) wrong_type(*node, key, "a table");
  return node->as_table();
}

std::vector<table_reader::item> table_reader::all() {
  all_known_ = true;
  return in_file_order(*table_);
}

void table_reader::finish() const {
  if (all_known_) return;
  for (const item& i : in_file_order(*table_))
    if (std::ranges::find(known_, *i.key) == known_.end())
      report("unknown-key", "unknown key `" + *i.key + "` in " + title_, i.key.at,
             suggest(*i.key, known_));
}

const toml::table* named_table(const table_reader::item& entry, std::string_view family,
                               std::vector<diagnostic>& findings) {
  const toml::table* node = entry.node->as_table();
  if (!node)
    findings.push_back(
        {severity::error, "wrong-type",
         "`" + *entry.key + "` must be a table, not " + std::string(type_name(*entry.node)),
         range_of(*entry.node), "write [" + std::string(family) + "." + *entry.key + "]"});
  return node;
}

}  // namespace troupe
