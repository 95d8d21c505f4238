// The differences of two graphs as people and as programs read them.

#include "dsl/difference.hpp"

#include <boost/json.hpp>

#include <array>

namespace troupe {

namespace {

using subject = graph_change::subject;

struct subject_words {
  subject about;
  const char* name;
  const char* heading;
  const char* added;  ///< what follows from it, after the name
  const char* removed;
};

constexpr std::array<subject_words, 5> subjects = {{
    {subject::graph, "graph", "graph", "", ""},
    {subject::input, "input", "inputs", ": clients have to send it, unless it has a default", ""},
    {subject::persist, "persist", "persistent slots", ": conversations keep it from now on",
     ": lost, what conversations keep in it is dropped with their next run"},
    {subject::model, "model", "models", "", ""},
    {subject::stage, "stage", "stages", "", ""},
}};

constexpr std::array<const char*, 3> kinds = {"added", "removed", "changed"};

const char* or_none(const std::string& text) { return text.empty() ? "none" : text.c_str(); }

std::string line_of(const graph_change& c, const subject_words& w) {
  const auto name = "`" + c.name + "`";
  switch (c.what) {
    case graph_change::kind::added:
      return "  + " + name + (c.after.empty() ? "" : " (" + c.after + ")") + w.added;
    case graph_change::kind::removed:
      return "  - " + name + (c.before.empty() ? "" : " (" + c.before + ")") + w.removed;
    case graph_change::kind::changed:
      break;
  }
  auto line = "  ~ " + (c.name.empty() ? "" : name + " ") + c.key + ": " + or_none(c.before) +
              " → " + or_none(c.after);
  if (c.about == subject::persist) line += ", what conversations keep in it may not fit any more";
  return line;
}

}  // namespace

std::string render(const std::vector<graph_change>& changes) {
  std::string out;
  for (const subject_words& w : subjects) {
    bool headed = false;
    for (const graph_change& c : changes) {
      if (c.about != w.about) continue;
      if (!std::exchange(headed, true)) out += std::string(w.heading) + "\n";
      out += line_of(c, w) + "\n";
    }
  }
  return out;
}

boost::json::value to_json(const std::vector<graph_change>& changes) {
  boost::json::array all;
  for (const graph_change& c : changes) {
    boost::json::object o;
    o["about"] = subjects[static_cast<std::size_t>(c.about)].name;
    o["change"] = kinds[static_cast<std::size_t>(c.what)];
    auto put = [&](const char* key, const std::string& text) {
      if (!text.empty()) o[key] = text;
    };
    put("name", c.name);
    put("key", c.key);
    put("before", c.before);
    put("after", c.after);
    all.push_back(std::move(o));
  }
  return all;
}

}  // namespace troupe
