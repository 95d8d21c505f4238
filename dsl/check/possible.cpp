#include "dsl/check/possible.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace troupe {

namespace {

using node = condition::node;

bool is_term(const node& n) {
  if (n.kind == condition_op::length) return n.parts[0]->kind == condition_op::slot;
  return n.kind == condition_op::slot;
}
bool is_constant(const node& n) { return !n.constant.is_none(); }

/// A name for what a node stands for; equal for equal parts of two conditions.
std::string key_of(const node& n) {
  std::string key = std::to_string(static_cast<int>(n.kind)) + "(" + n.name;
  for (const std::string& k : n.keys) key += "." + k;
  if (is_constant(n))
    key += std::string(name_of(n.constant.type())) + ":" + n.constant.to_text();
  else
    for (const auto& p : n.parts) key += "," + key_of(*p);
  return key + ")";
}

/// Of a comparison with its sides swapped.
condition_op mirrored(condition_op op) {
  switch (op) {
    case condition_op::less:
      return condition_op::greater;
    case condition_op::greater:
      return condition_op::less;
    case condition_op::less_equal:
      return condition_op::greater_equal;
    case condition_op::greater_equal:
      return condition_op::less_equal;
    default:
      return op;
  }
}

bool is_order(condition_op op) {
  return op >= condition_op::less && op <= condition_op::greater_equal;
}

}  // namespace

std::size_t outcomes::add(const condition& c) {
  compiled made;
  const std::size_t known = variables_.size();
  made.root = compile(c.root());
  made.needs = c.needs();
  // Which variables a condition has: those it made, and those of earlier ones that it shares.
  std::vector<const part*> open = {&made.root};
  while (!open.empty()) {
    const part& p = *open.back();
    open.pop_back();
    const bool varies = p.what == part::kind::holds || p.what == part::kind::is_there ||
                        p.what == part::kind::compare;
    if (varies && std::ranges::count(made.variables, p.variable) == 0)
      made.variables.push_back(p.variable);
    for (const part& inner : p.parts) open.push_back(&inner);
  }
  if (variables_.size() != known) chosen_.resize(variables_.size());
  conditions_.push_back(std::move(made));
  return conditions_.size() - 1;
}

std::size_t outcomes::variable_of(const std::string& key, const node* n) {
  auto [it, is_new] = by_key_.try_emplace(key, variables_.size());
  if (!is_new) return it->second;
  variable v;
  if (n) {
    const node& slot = n->kind == condition_op::length ? *n->parts[0] : *n;
    v.slot = slot.name;
    v.is_length = n->kind == condition_op::length;
    v.is_entry = !slot.keys.empty();
  }
  variables_.push_back(std::move(v));
  return it->second;
}

outcomes::part outcomes::compile(const node& n) {
  part p;
  switch (n.kind) {
    case condition_op::negate:
    case condition_op::both:
    case condition_op::either:
      p.what = n.kind == condition_op::negate ? part::kind::negate
               : n.kind == condition_op::both ? part::kind::both
                                              : part::kind::either;
      for (const auto& inner : n.parts) p.parts.push_back(compile(*inner));
      return p;
    case condition_op::literal:
      p.constant = n.constant.type() == slot_type::boolean && n.constant.as_bool();
      return p;
    case condition_op::slot: {
      p.what = part::kind::holds;
      p.variable = variable_of(key_of(n), &n);
      return p;
    }
    case condition_op::defined: {
      node slot;
      slot.kind = condition_op::slot;
      slot.name = n.name;
      p.what = part::kind::is_there;
      p.variable = variable_of(key_of(slot), &slot);
      return p;
    }
    case condition_op::list:
    case condition_op::length:
      return p;  // no truth value; reported as `condition-type`
    default:
      return compile_comparison(n);
  }
}

outcomes::part outcomes::compile_comparison(const node& n) {
  const node &left = *n.parts[0], &right = *n.parts[1];
  part p;
  if (is_constant(left) && is_constant(right)) {
    p.constant = compare_values(n.kind, left.constant, right.constant);
    return p;
  }
  const bool in_list = n.kind == condition_op::contained && is_term(left) && is_constant(right) &&
                       right.constant.type() == slot_type::list;
  const bool plain = n.kind != condition_op::contained && ((is_term(left) && is_constant(right)) ||
                                                           (is_term(right) && is_constant(left)));
  if (!in_list && !plain) return compile_opaque(n);
  p.what = part::kind::compare;
  p.op = n.kind;
  p.other_is_left = is_constant(left);
  p.other = (p.other_is_left ? left : right).constant;
  const node& term = p.other_is_left ? right : left;
  p.variable = variable_of(key_of(term), &term);
  variable& v = variables_[p.variable];
  v.ordered = v.ordered || is_order(n.kind);
  if (in_list)
    for (const value& item : p.other.as_list()) v.constants.push_back(item);
  else
    v.constants.push_back(p.other);
  return p;
}

/// A comparison of two things that vary: one variable that is true or false.
outcomes::part outcomes::compile_opaque(const node& n) {
  std::string left = key_of(*n.parts[0]), right = key_of(*n.parts[1]);
  condition_op op = n.kind;
  bool negated = op == condition_op::unequal;
  if (negated) op = condition_op::equal;
  if (op == condition_op::equal && right < left) std::swap(left, right);
  if (op == condition_op::greater || op == condition_op::greater_equal) {
    std::swap(left, right);
    op = mirrored(op);
  }
  if (op == condition_op::less_equal && odd_ == oddities::ruled_out) {
    std::swap(left, right);
    op = condition_op::less;
    negated = true;
  }
  part p;
  p.what = part::kind::holds;
  p.variable = variable_of(std::to_string(static_cast<int>(op)) + left + right, nullptr);
  if (!negated) return p;
  part around;
  around.what = part::kind::negate;
  around.parts.push_back(std::move(p));
  return around;
}

void outcomes::gather_texts(const variable& v, std::vector<value>& out) const {
  out.emplace_back("");
  std::string other = "?";
  for (const value& c : v.constants) {
    if (c.type() != slot_type::text) continue;
    out.push_back(c);
    // The next text in order: it stands for all up to the next constant.
    if (v.ordered) out.emplace_back(c.as_text() + std::string(1, '\0'));
    other += c.as_text();
  }
  out.emplace_back(other);
}

void outcomes::gather_numbers(const variable& v, slot_type type, std::vector<value>& out) const {
  const bool whole = type == slot_type::integer;
  auto add = [&](double x) {
    constexpr double largest = 9e18;
    if (v.is_length && x < 0) return;
    if (!whole)
      out.emplace_back(x);
    else if (x > -largest && x < largest)
      out.emplace_back(static_cast<std::int64_t>(x));
  };
  add(0);
  for (const value& c : v.constants) {
    if (!c.is_number()) continue;
    if (c.type() == slot_type::integer && (whole || type == slot_type::any)) {
      constexpr auto limits = std::numeric_limits<std::int64_t>{};
      const std::int64_t x = c.as_int();
      for (std::int64_t near : {x, x > limits.min() ? x - 1 : x, x < limits.max() ? x + 1 : x})
        if (!v.is_length || near >= 0) out.emplace_back(near);
      if (whole) continue;
    }
    const double x = c.as_number();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (whole) {
      for (double near : {std::floor(x) - 1, std::floor(x), std::ceil(x), std::ceil(x) + 1})
        add(near);
    } else {
      for (double near : {x, std::nextafter(x, infinity), std::nextafter(x, -infinity)}) add(near);
    }
  }
  if (!whole && odd_ == oddities::possible)
    out.emplace_back(std::numeric_limits<double>::quiet_NaN());
}

std::vector<value> outcomes::samples_of(const variable& v, bool may_be_missing) const {
  std::vector<value> out;
  if (v.slot.empty()) return {value(false), value(true)};
  slot_type type = v.is_entry ? slot_type::any : type_of_(v.slot);
  if (may_be_missing || v.is_entry) out.emplace_back();
  if (v.is_length) {
    // Of something that may turn out to have none.
    if (type == slot_type::any && out.empty()) out.emplace_back();
    type = slot_type::integer;
  }
  const bool any = type == slot_type::any;
  if (any || type == slot_type::boolean) {
    out.emplace_back(false);
    out.emplace_back(true);
  }
  if (any || type == slot_type::text) gather_texts(v, out);
  if (any || type == slot_type::integer || type == slot_type::floating)
    gather_numbers(v, type, out);
  if (any || type == slot_type::list || type == slot_type::table) {
    for (const value& c : v.constants)
      if (c.type() == slot_type::list) out.push_back(c);
    out.emplace_back(value::table{{"?", value("?")}});
    out.emplace_back(value::list{value("?"), value("?"), value(out.size() * 1.5)});
  }
  return out;
}

bool outcomes::possible(const std::vector<outcome>& wanted,
                        const std::function<bool(std::string_view)>& is_certain,
                        std::int64_t& patience) {
  // A slot that is only asked for with `defined` may be missing, even where it never is: to ask
  // once too often is no mistake.
  std::vector<std::string> needed;
  open_.clear();
  for (const outcome& o : wanted) {
    const compiled& c = conditions_[o.condition];
    needed.insert(needed.end(), c.needs.begin(), c.needs.end());
    for (std::size_t v : c.variables)
      if (std::ranges::count(open_, v) == 0) open_.push_back(v);
  }
  samples_.resize(variables_.size());
  for (std::size_t v : open_) {
    chosen_[v] = nullptr;
    const std::string& slot = variables_[v].slot;
    const bool is_there = std::ranges::count(needed, slot) > 0 && is_certain(slot);
    samples_[v] = samples_of(variables_[v], !is_there);
    patience -= static_cast<std::int64_t>(samples_[v].size());
  }
  return search(wanted, 0, patience);
}

bool outcomes::search(const std::vector<outcome>& wanted, std::size_t next,
                      std::int64_t& patience) {
  bool sure = true;
  for (const outcome& o : wanted) {
    const truth t = evaluate(conditions_[o.condition].root, patience);
    if (t == truth::unknown)
      sure = false;
    else if ((t == truth::yes) != o.is_true)
      return false;
  }
  if (sure || patience <= 0 || next == open_.size()) return true;
  const std::size_t v = open_[next];
  bool found = false;
  for (const value& sample : samples_[v]) {
    chosen_[v] = &sample;
    found = search(wanted, next + 1, patience);
    if (found) break;
  }
  chosen_[v] = nullptr;
  return found;
}

outcomes::truth outcomes::evaluate(const part& p, std::int64_t& patience) const {
  --patience;
  auto known = [](bool b) { return b ? truth::yes : truth::no; };
  switch (p.what) {
    case part::kind::constant:
      return known(p.constant);
    case part::kind::negate: {
      const truth t = evaluate(p.parts[0], patience);
      return t == truth::unknown ? t : known(t == truth::no);
    }
    case part::kind::both:
    case part::kind::either: {
      const truth decides = known(p.what == part::kind::either);
      truth all = known(p.what == part::kind::both);
      for (const part& inner : p.parts) {
        const truth t = evaluate(inner, patience);
        if (t == decides) return t;
        if (t == truth::unknown) all = t;
      }
      return all;
    }
    default:
      break;
  }
  const value* v = chosen_[p.variable];
  if (!v) return truth::unknown;
  if (p.what == part::kind::is_there) return known(!v->is_none());
  if (p.what == part::kind::holds) return known(v->type() == slot_type::boolean && v->as_bool());
  return known(p.other_is_left ? compare_values(p.op, p.other, *v)
                               : compare_values(p.op, *v, p.other));
}

}  // namespace troupe
