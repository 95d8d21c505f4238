#include "model/json_grammar.hpp"

#include "model/json_position.hpp"

#include <algorithm>

namespace troupe {

namespace {

using kind = json_rule::kind;

/// The shortest document of a rule, as far as those of its parts are known.
std::optional<std::string> shortest_of(const json_grammar& g, json_rule::id id) {
  const json_rule& r = g[id];
  switch (r.what) {
    case kind::choice: {
      const json_rule* best = nullptr;
      for (const json_rule::id c : r.choices)
        if (g.possible(c) && (!best || g[c].size < best->size)) best = &g[c];
      if (!best) return std::nullopt;
      return best->shortest;
    }
    case kind::literals: {
      const auto best = std::ranges::min_element(r.literals, {}, &std::string::size);
      if (best == r.literals.end()) return std::nullopt;
      return *best;
    }
    case kind::string: {
      string_place start;
      if (r.automaton) start.state = r.automaton->start();
      if (start.state == text_automaton::dead || r.least > r.most) return std::nullopt;
      return "\"" + start.shortest(r.string());
    }
    case kind::number:
      if (!r.number.possible()) return std::nullopt;
      return r.number.shortest({});
    case kind::array: {
      auto end =
          r.least > r.most ? std::nullopt : shortest_end(g, json_frames::in_array{.rule = id});
      if (end) *end = "[" + *end;
      return end;
    }
    case kind::object: {
      auto end = shortest_end(g, json_frames::in_object{.rule = id});
      if (end) *end = "{" + *end;
      return end;
    }
  }
  return std::nullopt;
}

}  // namespace

/// Until nothing gets shorter: what contains itself is known once a way out of it is.
void json_grammar::measure() {
  for (bool changed = true; changed;) {
    changed = false;
    for (json_rule::id id = 0; id < rules_.size(); ++id) {
      auto found = shortest_of(*this, id);
      if (!found || found->size() >= rules_[id].size) continue;
      rules_[id].size = found->size();
      rules_[id].shortest = *std::move(found);
      changed = true;
    }
  }
}

void json_grammar::flatten() {
  concrete_.resize(rules_.size());
  for (json_rule::id id = 0; id < rules_.size(); ++id) {
    std::vector<json_rule::id> open = {id}, seen;
    while (!open.empty()) {
      const json_rule::id at = open.back();
      open.pop_back();
      if (!possible(at) || std::ranges::find(seen, at) != seen.end()) continue;
      seen.push_back(at);
      if (rules_[at].what == kind::choice)
        open.insert(open.end(), rules_[at].choices.rbegin(), rules_[at].choices.rend());
      else
        concrete_[id].push_back(at);
    }
  }
}

}  // namespace troupe
