// How a document can end soon: completions of every frame of a position.

#include "model/json_position.hpp"

#include <algorithm>

namespace troupe {

using namespace json_frames;

namespace {

/// Longer documents count as impossible.
constexpr std::size_t longest_document = 1 << 20;

/// A name that no member has yet: a, b, ..., z, aa, ...
std::string fresh_name(const json_rule& rule, const in_object& o,
                       const std::vector<std::string>& taken, std::string_view beginning) {
  auto is_taken = [&](const std::string& name) {
    if (std::ranges::find(rule.members, name, &json_rule::member::name) != rule.members.end())
      return true;
    for (const used_name* u = o.used.get(); u; u = u->before.get())
      if (u->name == name) return true;
    return std::ranges::find(taken, name) != taken.end();
  };
  std::string name(beginning);
  if (!name.empty() && !is_taken(name)) return name;
  for (std::size_t n = 0;; ++n) {
    std::string letters;
    for (std::size_t rest = n + 1; rest > 0; rest = (rest - 1) / 26)
      letters.insert(letters.begin(), static_cast<char>('a' + (rest - 1) % 26));
    name = std::string(beginning) + letters;
    if (!is_taken(name)) return name;
  }
}

/// The members that an object still needs, one by one.
class object_ending {
 public:
  object_ending(const json_grammar& g, const in_object& o) : g_(g), rule_(g[o.rule]), o_(o) {}

  std::optional<std::string> text() {
    using phase = in_object::phase_type;
    comma_ = o_.phase == phase::after_member;
    switch (o_.phase) {
      case phase::name:
        if (!complete_name()) return std::nullopt;
        break;
      case phase::colon:
        if (!add_value(o_.name, ":")) return std::nullopt;
        break;
      case phase::after_comma:
        // At least one has to follow; required ones will, or else any.
        if (missing() == 0 && !add_any()) return std::nullopt;
        break;
      default:
        break;
    }
    for (std::size_t i = 0; i < rule_.members.size(); ++i)
      if (rule_.members[i].required && !o_.seen[i] && !add_member(i)) return std::nullopt;
    while (o_.count < rule_.least)
      if (!add_any()) return std::nullopt;
    if (o_.count > rule_.most) return std::nullopt;
    return out_ + "}";
  }

 private:
  std::size_t missing() const {
    std::size_t n = 0;
    for (std::size_t i = 0; i < rule_.members.size(); ++i)
      n += rule_.members[i].required && !o_.seen[i];
    return n;
  }
  bool has_room() const {
    return rule_.most == json_rule::no_limit || o_.count + missing() < rule_.most;
  }

  /// The value of the member `name` behind `before`, and that the object has it.
  bool add_value(const std::string& name, std::string_view before) {
    json_rule::id inner = rule_.others;
    const auto it = std::ranges::find(rule_.members, name, &json_rule::member::name);
    if (it != rule_.members.end()) {
      inner = it->rule;
      o_.seen.set(static_cast<std::size_t>(it - rule_.members.begin()));
    } else {
      taken_.push_back(name);
    }
    if (!g_.possible(inner)) return false;
    out_ += before;
    out_ += g_[inner].shortest;
    ++o_.count;
    comma_ = true;
    return out_.size() <= longest_document;
  }

  bool add_named(const std::string& name) {
    if (std::exchange(comma_, true)) out_ += ',';
    return add_value(name, "\"" + name + "\":");
  }
  bool add_member(std::size_t i) { return add_named(rule_.members[i].name); }

  /// The smallest member that nothing requires.
  bool add_any() {
    if (!has_room()) return false;
    std::optional<std::size_t> best;
    auto size = [&](std::size_t i) {
      return rule_.members[i].name.size() + g_[rule_.members[i].rule].size;
    };
    for (std::size_t i = 0; i < rule_.members.size(); ++i)
      if (!rule_.members[i].required && !o_.seen[i] && g_.possible(rule_.members[i].rule) &&
          (!best || size(i) < size(*best)))
        best = i;
    if (g_.possible(rule_.others) && (!best || 1 + g_[rule_.others].size < size(*best)))
      return add_named(fresh_name(rule_, o_, taken_, ""));
    return best && add_member(*best);
  }

  /// From the middle of a name: to a required one if it can be, else to the nearest.
  bool complete_name() {
    const bool room = has_room();
    std::optional<std::size_t> best;
    auto rank = [&](std::size_t i) {
      const auto& m = rule_.members[i];
      return std::pair(!m.required, m.name.size() + g_[m.rule].size);
    };
    for (std::size_t i = 0; i < rule_.members.size(); ++i) {
      const auto& m = rule_.members[i];
      if (o_.seen[i] || !g_.possible(m.rule) || !m.name.starts_with(o_.name) ||
          !(m.required || room))
        continue;
      if (!best || rank(i) < rank(*best)) best = i;
    }
    const bool free = room && g_.possible(rule_.others);
    if (best && (rule_.members[*best].required || !free)) {
      const std::string& name = rule_.members[*best].name;
      return add_value(name, name.substr(o_.name.size()) + "\":");
    }
    if (!free) return false;
    // A half-read character or escape is completed first.
    static constexpr string_limits any_name{.one_spelling = true};
    std::string rest = o_.spelling.shortest(any_name);
    rest.pop_back();
    const std::string name = fresh_name(rule_, o_, taken_, o_.name + rest);
    return add_value(name, name.substr(o_.name.size()) + "\":");
  }

  const json_grammar& g_;
  const json_rule& rule_;
  in_object o_;
  std::vector<std::string> taken_;
  std::string out_;
  bool comma_ = false;
};

std::string ending(const json_grammar&, const done&) { return {}; }
std::string ending(const json_grammar& g, const expecting& e) { return g[e.rule].shortest; }
std::string ending(const json_grammar& g, const in_string& s) {
  return s.at.shortest(g[s.rule].string());
}
std::string ending(const json_grammar& g, const in_number& n) {
  return g[n.rule].number.shortest(n.at);
}
std::string ending(const json_grammar& g, const in_literal& l) {
  const auto& texts = g[l.rule].literals;
  const auto shortest = std::ranges::min_element(texts.begin() + l.first, texts.begin() + l.last,
                                                 {}, &std::string::size);
  return shortest->substr(l.read);
}
std::string ending(const json_grammar& g, const in_array& a) {
  return shortest_end(g, a).value_or("");
}
std::string ending(const json_grammar& g, const in_object& o) {
  return shortest_end(g, o).value_or("");
}

}  // namespace

std::optional<std::string> shortest_end(const json_grammar& g, const in_object& o) {
  return object_ending(g, o).text();
}

std::optional<std::string> shortest_end(const json_grammar& g, const in_array& a) {
  const json_rule& rule = g[a.rule];
  std::string out;
  std::size_t count = a.count;
  bool comma = a.phase == in_array::phase_type::after_item;
  bool more = a.phase == in_array::phase_type::after_comma;
  while (count < rule.least || more) {
    const json_rule::id item = g.item(rule, count);
    if (!g.possible(item) || out.size() > longest_document || count >= rule.most)
      return std::nullopt;
    if (comma) out += ',';
    out += g[item].shortest;
    comma = true;
    more = false;
    ++count;
  }
  return out + "]";
}

std::string json_position::shortest(const json_grammar& g, const way& w) {
  auto of = [&](const frame& f) {
    return std::visit([&](const auto& one) { return ending(g, one); }, f);
  };
  std::string out = of(w.top);
  for (const level* l = w.below.get(); l; l = l->below.get()) out += of(l->f);
  return out;
}

std::size_t json_position::rest(const json_grammar& g, const way& w) {
  const auto top = std::visit([&](const auto& one) { return ending(g, one).size(); }, w.top);
  return top + (w.below ? w.below->rest : 0);
}

}  // namespace troupe
