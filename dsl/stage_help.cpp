#include "dsl/stage_help.hpp"

#include "dsl/text_width.hpp"
#include "pipeline/value_traits.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace troupe {

namespace {

using meaning = param::meaning_type;

/// By meaning: how it is called, and what it may look like.
struct meaning_words {
  std::string_view name, says, sample;
};
const meaning_words& words_of(meaning m) {
  static const std::array<meaning_words, 7> all = {
      meaning_words{"", "", ""},
      meaning_words{"file", "a file", "\"data/file.toml\""},
      meaning_words{"folder", "a folder", "\"data\""},
      meaning_words{"classifier", "a folder made by `troupe train`", "\"models/name\""},
      meaning_words{"model", "a [model.NAME] of the graph", "\"writer\""},
      meaning_words{"template", "a template with {slot} in it", "\"{text}\""},
      meaning_words{"duration", "a duration such as \"250ms\" or \"8s\"", "\"1s\""}};
  return all[static_cast<std::size_t>(m)];
}

std::string type_of(const param& p) {
  std::string type(name_of(p.type));
  if (p.type == slot_type::list && p.items != slot_type::any)
    type += " of " + std::string(name_of(p.items));
  return type;
}

std::string number(double x, const param& p) {
  if (p.meaning == meaning::time_span)
    return format_duration(std::chrono::microseconds(static_cast<std::int64_t>(x * 1000)));
  return x == static_cast<double>(static_cast<std::int64_t>(x))
             ? std::to_string(static_cast<std::int64_t>(x))
             : value(x).to_text();
}

/// "required; from 1 to 9; default 3".
std::string limits_of(const param& p) {
  std::vector<std::string> parts;
  if (p.required) parts.emplace_back(p.not_empty ? "required, not empty" : "required");
  if (p.meaning != meaning::plain) parts.emplace_back(words_of(p.meaning).says);
  if (p.min && p.max)
    parts.push_back("from " + number(*p.min, p) + " to " + number(*p.max, p));
  else if (p.min)
    parts.push_back("at least " + number(*p.min, p));
  else if (p.max)
    parts.push_back("at most " + number(*p.max, p));
  std::string words;
  for (const std::string& word : p.one_of) words += (words.empty() ? "" : ", ") + word;
  if (!words.empty()) parts.push_back("one of " + words);
  if (!p.required && !p.fallback.is_none()) {
    std::string fallback;
    append_json(fallback, p.fallback);
    if (fallback != "\"\"" && fallback != "[]" && fallback != "{}")
      parts.push_back("default " + fallback);
  }
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

struct row {
  std::string name, type, doc;
  std::string more = {};  ///< on a line of its own
};

std::string padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, columns_of(text)), ' ');
  return text;
}

std::string table_of(std::string_view title, const std::vector<row>& rows) {
  if (rows.empty()) return {};
  std::size_t names = 0, types = 0;
  for (const row& r : rows) {
    names = std::max(names, columns_of(r.name));
    types = std::max(types, columns_of(r.type));
  }
  std::string out = "\n" + std::string(title) + "\n";
  for (const row& r : rows) {
    out += "  " + padded(r.name, names + 2) + padded(r.type, types + 2) + r.doc + "\n";
    if (!r.more.empty()) out += std::string(names + types + 6, ' ') + r.more + "\n";
  }
  return out;
}

std::vector<row> rows_of(const std::vector<port>& ports) {
  std::vector<row> rows;
  for (const port& p : ports)
    rows.push_back({p.name + (p.optional ? "?" : ""), std::string(name_of(p.type)), p.doc});
  return rows;
}

std::string sample_of(const param& p) {
  if (!p.one_of.empty()) {
    const std::string word = "\"" + p.one_of[0] + "\"";
    return p.type == slot_type::list ? "[" + word + "]" : word;
  }
  const std::string text =
      p.meaning == meaning::plain ? "\"…\"" : std::string(words_of(p.meaning).sample);
  switch (p.type) {
    case slot_type::boolean:
      return "true";
    case slot_type::integer:
    case slot_type::floating:
      return p.min ? number(*p.min, p) : "1";
    case slot_type::list:
      return p.items == slot_type::text || p.items == slot_type::any ? "[" + text + "]" : "[]";
    case slot_type::table:
      return "{ name = \"…\" }";
    default:
      return text;
  }
}

boost::json::array json_of(const std::vector<port>& ports) {
  boost::json::array out;
  for (const port& p : ports)
    out.push_back(boost::json::object{
        {"name", p.name}, {"type", name_of(p.type)}, {"optional", p.optional}, {"doc", p.doc}});
  return out;
}

}  // namespace

std::string example_of(const stage_type& type) {
  std::string with;
  for (const param& p : type.params)
    if (p.required) with += (with.empty() ? "" : ", ") + p.name + " = " + sample_of(p);
  return "[stage.my_" + type.name + "]\nuse  = \"" + type.name + "\"\n" +
         (with.empty() ? "" : "with = { " + with + " }\n");
}

std::string help_of(const stage_type& type) {
  std::string out = type.name + (type.summary.empty() ? "" : ": " + type.summary) + "\n";
  std::vector<row> reads = rows_of(type.ports.in);
  std::string templates;
  for (const param& p : type.params)
    if (p.meaning == meaning::prompt) templates += (templates.empty() ? "`" : ", `") + p.name + "`";
  if (!templates.empty()) reads.push_back({"{slot}", "any", "every slot named in " + templates});
  out += table_of("reads", reads);
  out += table_of("writes", rows_of(type.ports.out));
  std::vector<row> params;
  for (const param& p : type.params) params.push_back({p.name, type_of(p), p.doc, limits_of(p)});
  out += table_of("parameters", params);
  std::string example = example_of(type);
  out += "\nexample\n";
  for (std::size_t at = 0; at < example.size();) {
    const std::size_t end = example.find('\n', at);
    out += "  " + example.substr(at, end - at + 1);
    at = end + 1;
  }
  return out;
}

boost::json::value to_json(const stage_type& type) {
  boost::json::array params;
  for (const param& p : type.params) {
    boost::json::object o{{"name", p.name}, {"type", name_of(p.type)}, {"required", p.required}};
    if (p.type == slot_type::list) o["items"] = name_of(p.items);
    if (!p.required && !p.fallback.is_none()) o["default"] = to_json(p.fallback);
    if (p.min) o["min"] = *p.min;
    if (p.max) o["max"] = *p.max;
    if (!p.one_of.empty()) o["one_of"] = boost::json::value_from(p.one_of);
    if (p.meaning != meaning::plain) o["meaning"] = words_of(p.meaning).name;
    o["doc"] = p.doc;
    params.push_back(std::move(o));
  }
  return boost::json::object{{"name", type.name},
                             {"summary", type.summary},
                             {"streams", type.streams},
                             {"inputs", json_of(type.ports.in)},
                             {"outputs", json_of(type.ports.out)},
                             {"parameters", std::move(params)},
                             {"example", example_of(type)}};
}

}  // namespace troupe
