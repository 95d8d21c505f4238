#include "dsl/dialogue.hpp"

#include "dsl/table_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace troupe {

namespace {

std::vector<std::string> texts(const toml::node& node) {
  std::vector<std::string> out;
  if (auto s = node.as_string()) out.push_back(s->get());
  if (auto a = node.as_array())
    for (const auto& item : *a)
      if (auto text = item.as_string()) out.push_back(text->get());
  return out;
}

std::string lower(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return s;
}

dialogue_turn read_turn(const toml::table& t) {
  dialogue_turn out;
  out.line = t.source().begin.line;
  out.say = t["say"].value_or(std::string());
  std::vector<diagnostic> not_comparable;  // a date: it equals no slot, and the test says so
  if (const auto* expect = t["expect"].as_table())
    for (const auto& [key, node] : *expect) {
      if (key.str() == "contains")
        out.contains = texts(node);
      else if (key.str() == "excludes")
        out.excludes = texts(node);
      else if (key.str() == "reply")
        out.reply = node.value<std::string>();
      else
        out.slots.emplace_back(std::string(key.str()), read_value(node, not_comparable).plain);
    }
  return out;
}

}  // namespace

result<std::vector<dialogue>> read_dialogues(const std::filesystem::path& file) {
  std::vector<dialogue> out;
  try {
    const auto root = toml::parse_file(file.string());
    const auto* all = root["dialogue"].as_array();
    if (!all) return error{errc::invalid_request, "`" + file.string() + "` has no [[dialogue]]"};
    for (const auto& node : *all) {
      const auto* table = node.as_table();
      if (!table) continue;
      dialogue d;
      d.name = (*table)["name"].value_or(std::string("unnamed"));
      if (const auto* turns = (*table)["turn"].as_array())
        for (const auto& turn : *turns)
          if (const auto* t = turn.as_table()) d.turns.push_back(read_turn(*t));
      for (const dialogue_turn& t : d.turns)
        if (t.say.empty())
          return error{errc::invalid_request, file.string() + ":" + std::to_string(t.line) +
                                                  ": a turn of `" + d.name + "` has no `say`"};
      out.push_back(std::move(d));
    }
  } catch (const toml::parse_error& e) {
    return error{errc::invalid_request, file.string() + ":" +
                                            std::to_string(e.source().begin.line) + ": " +
                                            std::string(e.description())};
  }
  return out;
}

std::vector<std::string> complaints(const dialogue_turn& turn, const std::string& reply,
                                    const value& slots) {
  std::vector<std::string> out;
  const auto said = lower(reply);
  for (const std::string& text : turn.contains)
    if (said.find(lower(text)) == std::string::npos)
      out.push_back("the reply lacks \"" + text + "\"");
  for (const std::string& text : turn.excludes)
    if (said.find(lower(text)) != std::string::npos)
      out.push_back("the reply has \"" + text + "\"");
  if (turn.reply && *turn.reply != reply)
    out.push_back("the reply should be \"" + *turn.reply + "\"");
  for (const auto& [name, wanted] : turn.slots) {
    const value* found = slots.find(name);
    if (found && *found == wanted) continue;
    std::string line = "slot `" + name + "` should be ";
    append_json(line, wanted);
    line += ", is ";
    append_json(line, found ? *found : value());
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace troupe
