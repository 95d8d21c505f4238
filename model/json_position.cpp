#include "model/json_position.hpp"

#include <algorithm>

namespace troupe {

using namespace json_frames;

namespace {

using way = json_position::way;
using ways = std::vector<way>;
using level_ptr = std::shared_ptr<const json_position::level>;

/// More ways than this are not followed: what they would have allowed is given up.
constexpr std::size_t most_ways = 64;

void add(ways& out, way w) {
  if (out.size() < most_ways && std::ranges::find(out, w) == out.end()) out.push_back(std::move(w));
}

/// What a way becomes when its value has ended.
way ended(const level_ptr& below) { return below ? way{below->f, below->below} : way{done{}, {}}; }

template <class Frame>
level_ptr under(const json_grammar& g, Frame f, const level_ptr& below) {
  const std::size_t rest = shortest_end(g, f).value_or("").size() + (below ? below->rest : 0);
  return std::make_shared<const json_position::level>(
      json_position::level{std::move(f), below, rest});
}

std::size_t missing(const in_object& o, const json_rule& rule) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < rule.members.size(); ++i) n += rule.members[i].required && !o.seen[i];
  return n;
}

/// Whether there is room for a member that nothing requires.
bool has_room(const in_object& o, const json_rule& rule) {
  return rule.most == json_rule::no_limit || o.count + missing(o, rule) < rule.most;
}

/// One byte further along one way.
class stepper {
 public:
  stepper(const json_grammar& g, unsigned char byte, ways& out) : g_(g), byte_(byte), out_(out) {}

  void step(const way& w) {
    std::visit([&](const auto& f) { on(f, w.below); }, w.top);
  }

 private:
  void on(const done&, const level_ptr&) {}

  void on(const expecting& e, const level_ptr& below) {
    if (byte_ == ' ' && e.spaced) return add(out_, {expecting{e.rule, false}, below});
    begin(e.rule, below);
  }

  void begin(json_rule::id id, const level_ptr& below) {
    for (const json_rule::id each : g_.concrete(id)) {
      switch (g_[each].what) {
        case json_rule::kind::literals:
          on(in_literal{each, 0, static_cast<std::uint32_t>(g_[each].literals.size()), 0}, below);
          break;
        case json_rule::kind::string: {
          in_string s{each, {}};
          if (const auto& a = g_[each].automaton) s.at.state = a->start();
          if (byte_ == '"') add(out_, {s, below});
          break;
        }
        case json_rule::kind::number: {
          in_number n{each, {}};
          if (g_[each].number.step(n.at, byte_)) add(out_, {n, below});
          break;
        }
        case json_rule::kind::array:
          if (byte_ == '[') add(out_, {in_array{.rule = each}, below});
          break;
        case json_rule::kind::object:
          if (byte_ == '{') add(out_, {in_object{.rule = each}, below});
          break;
        case json_rule::kind::choice:
          break;
      }
    }
  }

  void on(const in_literal& l, const level_ptr& below) {
    const auto& texts = g_[l.rule].literals;
    in_literal next{l.rule, l.last, l.last, l.read + 1};
    for (auto i = l.first; i < l.last; ++i) {
      if (texts[i].size() <= l.read || static_cast<unsigned char>(texts[i][l.read]) != byte_)
        continue;
      next.first = std::min(next.first, i);
      next.last = i + 1;
    }
    if (next.first < l.last) {
      const bool single = next.last - next.first == 1 && texts[next.first].size() == next.read;
      return add(out_, single ? ended(below) : way{next, below});
    }
    if (l.first < l.last && texts[l.first].size() == l.read) step(ended(below));
  }

  void on(in_string s, const level_ptr& below) {
    const auto what = s.at.step(g_[s.rule].string(), byte_);
    if (what == string_place::outcome::inside) add(out_, {s, below});
    if (what == string_place::outcome::closed) add(out_, ended(below));
  }

  void on(in_number n, const level_ptr& below) {
    if (g_[n.rule].number.step(n.at, byte_))
      add(out_, {n, below});
    else if (g_[n.rule].number.whole(n.at))
      step(ended(below));
  }

  void on(in_array a, const level_ptr& below) {
    using phase = in_array::phase_type;
    const json_rule& rule = g_[a.rule];
    const bool may_end = a.count >= rule.least && a.phase != phase::after_comma;
    const bool may_go_on = a.count < rule.most && g_.possible(g_.item(rule, a.count));
    if (byte_ == ']') {
      if (may_end) add(out_, ended(below));
      return;
    }
    const bool blanks = a.phase != phase::after_item || may_end;
    if (blanks && a.space.step(byte_)) return add(out_, {a, below});
    if (!may_go_on || is_blank()) return;
    if (a.phase == phase::after_item) {
      if (byte_ != ',' || a.space.read > 0) return;
      a.phase = phase::after_comma;
      return add(out_, {a, below});
    }
    const json_rule::id item = g_.item(rule, a.count);
    begin(item, under(g_, in_array{a.rule, phase::after_item, {}, a.count + 1}, below));
  }

  void on(in_object o, const level_ptr& below) {
    using phase = in_object::phase_type;
    switch (o.phase) {
      case phase::open:
      case phase::after_comma:
      case phase::after_member:
        return between(std::move(o), below);
      case phase::name:
        return name(std::move(o), below);
      case phase::colon:
        if (byte_ == ':') member(std::move(o), below);
        return;
    }
  }

  void between(in_object o, const level_ptr& below) {
    using phase = in_object::phase_type;
    const json_rule& rule = g_[o.rule];
    const bool may_end =
        o.phase != phase::after_comma && o.count >= rule.least && missing(o, rule) == 0;
    if (byte_ == '}') {
      if (may_end) add(out_, ended(below));
      return;
    }
    const bool blanks = o.phase != phase::after_member || may_end;
    if (blanks && o.space.step(byte_)) return add(out_, {std::move(o), below});
    if (byte_ != (o.phase == phase::after_member ? ',' : '"')) return;
    if (o.phase == phase::after_member && o.space.read > 0) return;
    o.name.clear();
    if (!may_be_named(o, rule)) return;
    o.space = {};
    o.spelling = {};
    o.phase = o.phase == phase::after_member ? phase::after_comma : phase::name;
    add(out_, {std::move(o), below});
  }

  void name(in_object o, const level_ptr& below) {
    const json_rule& rule = g_[o.rule];
    static constexpr string_limits any_name{.one_spelling = true};
    const auto what = o.spelling.step(any_name, byte_);
    if (what == string_place::outcome::refused) return;
    if (what == string_place::outcome::closed) {
      if (!is_name(o, rule)) return;
      o.phase = in_object::phase_type::colon;
    } else {
      o.name += static_cast<char>(byte_);
      if (!may_be_named(o, rule)) return;
    }
    add(out_, {std::move(o), below});
  }

  void member(in_object o, const level_ptr& below) {
    const json_rule& rule = g_[o.rule];
    json_rule::id inner = rule.others;
    const auto it = std::ranges::find(rule.members, o.name, &json_rule::member::name);
    if (it != rule.members.end()) {
      inner = it->rule;
      o.seen.set(static_cast<std::size_t>(it - rule.members.begin()));
    } else {
      o.used = std::make_shared<const used_name>(std::move(o.name), std::move(o.used));
    }
    ++o.count;
    o.phase = in_object::phase_type::after_member;
    o.name.clear();
    o.spelling = {};
    add(out_, {expecting{inner, true}, under(g_, std::move(o), below)});
  }

  bool is_open(const in_object& o, const json_rule& rule, std::size_t i, bool room) const {
    const auto& m = rule.members[i];
    return !o.seen[i] && g_.possible(m.rule) && (m.required || room);
  }

  /// Whether a member's name can begin as `o.name`.
  bool may_be_named(const in_object& o, const json_rule& rule) const {
    const bool room = has_room(o, rule);
    if (room && g_.possible(rule.others)) return true;
    for (std::size_t i = 0; i < rule.members.size(); ++i)
      if (rule.members[i].name.starts_with(o.name) && is_open(o, rule, i, room)) return true;
    return false;
  }

  bool is_name(const in_object& o, const json_rule& rule) const {
    const bool room = has_room(o, rule);
    for (std::size_t i = 0; i < rule.members.size(); ++i)
      if (rule.members[i].name == o.name) return is_open(o, rule, i, room);
    if (!room || !g_.possible(rule.others)) return false;
    for (const used_name* u = o.used.get(); u; u = u->before.get())
      if (u->name == o.name) return false;
    return true;
  }

  bool is_blank() const { return byte_ == ' ' || byte_ == '\n' || byte_ == '\t' || byte_ == '\r'; }

  const json_grammar& g_;
  const unsigned char byte_;
  ways& out_;
};

}  // namespace

bool blank::step(unsigned char byte) {
  constexpr std::uint8_t space = 1, line = 2, full = line + 16;
  if (read == 0 && (byte == ' ' || byte == '\n')) {
    read = byte == ' ' ? space : line;
    return true;
  }
  if (read < line || read == full || (byte != ' ' && byte != '\t')) return false;
  ++read;
  return true;
}

bool takes_any_name(const json_grammar& g, const in_object& o) {
  return o.phase == in_object::phase_type::name && g.possible(g[o.rule].others) &&
         has_room(o, g[o.rule]);
}

json_position::json_position(std::shared_ptr<const json_grammar> grammar)
    : grammar_(std::move(grammar)), ways_{{expecting{grammar_->root(), false}, {}}} {}

bool json_position::fits(std::shared_ptr<const json_grammar> grammar, std::string_view text) {
  json_position at(std::move(grammar));
  for (const char c : text)
    if (!at.step(static_cast<unsigned char>(c))) return false;
  return at.whole();
}

void json_position::step(const json_grammar& g, const way& w, unsigned char byte,
                         std::vector<way>& out) {
  stepper(g, byte, out).step(w);
}

bool json_position::step(unsigned char byte) {
  std::vector<way> next;
  for (const way& w : ways_) step(*grammar_, w, byte, next);
  if (next.empty()) return false;
  ways_ = std::move(next);
  return true;
}

bool json_position::whole(const json_grammar& g, const way& w) {
  if (w.below) return false;
  if (std::holds_alternative<done>(w.top)) return true;
  if (const auto* n = std::get_if<in_number>(&w.top)) return g[n->rule].number.whole(n->at);
  const auto* l = std::get_if<in_literal>(&w.top);
  return l && g[l->rule].literals[l->first].size() == l->read;
}

bool json_position::whole() const {
  return std::ranges::any_of(ways_, [&](const way& w) { return whole(*grammar_, w); });
}

bool json_position::closed() const {
  return std::ranges::all_of(ways_,
                             [](const way& w) { return std::holds_alternative<done>(w.top); });
}

std::string json_position::shortest() const {
  std::optional<std::string> best;
  for (const way& w : ways_) {
    std::string one = shortest(*grammar_, w);
    if (!best || one.size() < best->size()) best = std::move(one);
  }
  return best.value_or("");
}

}  // namespace troupe
