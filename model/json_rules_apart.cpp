// Whether two rules of a grammar exclude each other: what `oneOf` needs to know.

#include "model/json_grammar.hpp"

#include <algorithm>

namespace troupe {

namespace {

using kind = json_rule::kind;
using id = json_rule::id;

constexpr int deepest_rule = 8;

kind begins(const std::string& literal) {
  switch (literal[0]) {
    case '"':
      return kind::string;
    case '[':
      return kind::array;
    case '{':
      return kind::object;
    case 't':
    case 'f':
    case 'n':
      return kind::literals;
    default:
      return kind::number;
  }
}

class comparison {
 public:
  explicit comparison(const json_grammar& g) : g_(g) {}

  bool apart(id a, id b, int depth) const {
    if (depth > deepest_rule) return false;
    for (const id x : g_.concrete(a))
      for (const id y : g_.concrete(b))
        if (!concretely_apart(x, y, depth)) return false;
    return true;
  }

 private:
  bool concretely_apart(id x, id y, int depth) const {
    const json_rule &a = g_[x], &b = g_[y];
    if (a.what == kind::literals && b.what == kind::literals)
      return std::ranges::none_of(
          a.literals, [&](const auto& t) { return std::ranges::binary_search(b.literals, t); });
    if (a.what == kind::literals)
      return std::ranges::none_of(a.literals, [&](const auto& t) { return begins(t) == b.what; });
    if (b.what == kind::literals) return concretely_apart(y, x, depth);
    if (a.what != b.what) return true;
    if (a.what == kind::number) return !number_rule::overlap(a.number, b.number);
    if (a.least > b.most || b.least > a.most) return true;
    return a.what == kind::object && (told_apart(a, b, depth) || told_apart(b, a, depth));
  }

  /// By a member that `a` requires and that cannot be the same in `b`.
  bool told_apart(const json_rule& a, const json_rule& b, int depth) const {
    return std::ranges::any_of(a.members, [&](const json_rule::member& m) {
      if (!m.required) return false;
      const auto it = std::ranges::find(b.members, m.name, &json_rule::member::name);
      if (!g_.possible(it == b.members.end() ? b.others : it->rule)) return true;
      return it != b.members.end() && it->required && apart(m.rule, it->rule, depth + 1);
    });
  }

  const json_grammar& g_;
};

}  // namespace

bool json_grammar::apart(id a, id b) const { return comparison(*this).apart(a, b, 0); }

}  // namespace troupe
