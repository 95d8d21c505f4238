#include "pipeline/condition_node.hpp"

#include <algorithm>
#include <set>

namespace troupe {

namespace {

using node = condition::node;
using type_of_slot = std::function<std::optional<slot_type>(std::string_view)>;

bool is_numeric(slot_type t) { return t == slot_type::integer || t == slot_type::floating; }
std::string name(slot_type t) { return std::string(name_of(t)); }

/// Infers the type of every node; `any` where it depends on a table's content or where a mistake
/// has been reported already.
class checker {
 public:
  explicit checker(const type_of_slot& type_of) : type_of_(type_of) {}

  void want_bool(const node& n) {
    slot_type t = infer(n);
    if (!converts(t, slot_type::boolean))
      report(n, "this is " + name(t) + ", but a condition is true or false",
             "compare it with something");
  }

  std::vector<condition_problem> problems;

 private:
  void report(const node& n, std::string message, std::string hint = "") {
    problems.push_back({"condition-type", std::move(message), std::move(hint), n.offset, n.length});
  }

  slot_type slot(const node& n) {
    auto t = type_of_(n.name);
    if (!t) {
      std::size_t ahead = n.kind == condition_op::defined ? n.length - n.name.size() - 1 : 0;
      problems.push_back({"unknown-slot", "there is no slot `" + n.name + "`", "", n.offset + ahead,
                          n.name.size()});
      return slot_type::any;
    }
    if (n.keys.empty()) return *t;
    if (!converts(*t, slot_type::table))
      report(n, "`" + n.name + "` is " + name(*t) + " and has no keys");
    return slot_type::any;
  }

  slot_type infer(const node& n) {
    switch (n.kind) {
      case condition_op::literal:
        return n.constant.type();
      case condition_op::slot:
        return slot(n);
      case condition_op::defined:
        slot(n);
        return slot_type::boolean;
      case condition_op::list:
        for (auto& part : n.parts) infer(*part);
        return slot_type::list;
      case condition_op::length: {
        slot_type t = infer(*n.parts[0]);
        if (t != slot_type::text && t != slot_type::list && t != slot_type::table &&
            t != slot_type::any)
          report(*n.parts[0], "`len` takes a text, a list or a table, not " + name(t));
        return slot_type::integer;
      }
      case condition_op::negate:
      case condition_op::both:
      case condition_op::either:
        for (auto& part : n.parts) want_bool(*part);
        return slot_type::boolean;
      case condition_op::contained:
        membership(n);
        return slot_type::boolean;
      default:
        comparison(n);
        return slot_type::boolean;
    }
  }

  static bool comparable(slot_type a, slot_type b) {
    return a == b || a == slot_type::any || b == slot_type::any || (is_numeric(a) && is_numeric(b));
  }

  void comparison(const node& n) {
    slot_type left = infer(*n.parts[0]), right = infer(*n.parts[1]);
    if (!comparable(left, right))
      return report(n, name(left) + " cannot be compared with " + name(right));
    if (n.kind == condition_op::equal || n.kind == condition_op::unequal) return;
    for (slot_type t : {left, right})
      if (!is_numeric(t) && t != slot_type::text && t != slot_type::any)
        return report(n, name(t) + " has no order", "use `==` or `!=`");
  }

  void membership(const node& n) {
    slot_type left = infer(*n.parts[0]), right = infer(*n.parts[1]);
    if (right == slot_type::text && !converts(left, slot_type::text))
      return report(n, "only text can be in a text, not " + name(left));
    if (right != slot_type::text && right != slot_type::list && right != slot_type::any)
      return report(*n.parts[1], "`in` takes a list or a text on its right, not " + name(right));
    if (n.parts[1]->kind != condition_op::list) return;
    for (auto& item : n.parts[1]->parts) {
      slot_type t = item->kind == condition_op::literal ? item->constant.type() : slot_type::any;
      if (!comparable(left, t)) report(*item, name(left) + " cannot be compared with " + name(t));
    }
  }

  const type_of_slot& type_of_;
};

using names = std::set<std::string>;

/// What is certain to hold a value after `n` came out as `outcome`.
names proven(const node& n, bool outcome) {
  switch (n.kind) {
    case condition_op::defined:
      return outcome ? names{n.name} : names{};
    case condition_op::negate:
      return proven(*n.parts[0], !outcome);
    case condition_op::both:
    case condition_op::either: {
      // All parts came out as `outcome`, or it is known only that one of them did.
      bool all = outcome == (n.kind == condition_op::both);
      names out = proven(*n.parts[0], outcome);
      for (std::size_t i = 1; i < n.parts.size(); ++i) {
        names more = proven(*n.parts[i], outcome);
        if (all)
          out.merge(more);
        else
          std::erase_if(out, [&](const std::string& s) { return !more.contains(s); });
      }
      return out;
    }
    default:
      return {};
  }
}

void collect_needs(const node& n, names known, std::vector<std::string>& out) {
  if (n.kind == condition_op::slot && !known.contains(n.name) &&
      std::ranges::find(out, n.name) == out.end())
    out.push_back(n.name);
  for (auto& part : n.parts) {
    collect_needs(*part, known, out);
    // The next part of `a && b` is looked at only after `a` was true, that of `a || b` only after
    // it was false.
    if (n.kind == condition_op::both) known.merge(proven(*part, true));
    if (n.kind == condition_op::either) known.merge(proven(*part, false));
  }
}

}  // namespace

std::vector<condition_problem> condition::check(const type_of_slot& type_of) const {
  checker c(type_of);
  c.want_bool(*root_);
  return std::move(c.problems);
}

std::vector<std::string> condition::needs() const {
  std::vector<std::string> out;
  collect_needs(*root_, {}, out);
  return out;
}

std::vector<std::string> condition::proves(bool outcome) const {
  names certain = proven(*root_, outcome);
  return {certain.begin(), certain.end()};
}

}  // namespace troupe
