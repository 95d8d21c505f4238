#include "pipeline/condition.hpp"

#include "pipeline/condition_node.hpp"

#include <algorithm>
#include <compare>

namespace troupe {

namespace {

using node = condition::node;
using slot_values = std::vector<value>;

const value nothing;

std::partial_ordering order(const value& a, const value& b) {
  if (a.type() == slot_type::integer && b.type() == slot_type::integer)
    return a.as_int() <=> b.as_int();
  if (a.is_number() && b.is_number()) return a.as_number() <=> b.as_number();
  if (a.type() == slot_type::text && b.type() == slot_type::text)
    return a.as_text() <=> b.as_text();
  return std::partial_ordering::unordered;
}

bool equal(const value& a, const value& b) {
  if (a.is_none() || b.is_none()) return false;
  if (a.is_number() && b.is_number()) return order(a, b) == 0;
  return a == b;
}

std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

value length_of(const value& v) {
  switch (v.type()) {
    case slot_type::text:
      return characters(v.as_text());
    case slot_type::list:
      return static_cast<std::int64_t>(v.as_list().size());
    case slot_type::table:
      return static_cast<std::int64_t>(v.as_table().size());
    default:
      return {};
  }
}

bool contains(const value& whole, const value& part) {
  if (whole.type() == slot_type::list)
    return std::ranges::any_of(whole.as_list(), [&](const value& v) { return equal(v, part); });
  return whole.type() == slot_type::text && part.type() == slot_type::text &&
         whole.as_text().find(part.as_text()) != std::string::npos;
}

bool is_true(const node& n, const slot_values& slots);

const value& in_slot(const node& n, const slot_values& slots) {
  auto index = static_cast<std::size_t>(n.slot);
  return index < slots.size() ? slots[index] : nothing;
}

/// The value of `n`; `made` holds it if it had to be computed.
const value& value_of(const node& n, const slot_values& slots, value& made) {
  switch (n.kind) {
    case condition_op::literal:
      return n.constant;
    case condition_op::slot: {
      const value* v = &in_slot(n, slots);
      for (const std::string& key : n.keys) {
        v = v->find(key);
        if (!v) return nothing;
      }
      return *v;
    }
    case condition_op::list: {
      if (!n.constant.is_none()) return n.constant;
      value::list items;
      for (auto& part : n.parts) {
        value item;
        items.push_back(value_of(*part, slots, item));
      }
      return made = value(std::move(items));
    }
    case condition_op::length: {
      value of;
      return made = length_of(value_of(*n.parts[0], slots, of));
    }
    default:
      return made = value(is_true(n, slots));
  }
}

bool compare(const node& n, const slot_values& slots) {
  value left_made, right_made;
  const value& left = value_of(*n.parts[0], slots, left_made);
  return compare_values(n.kind, left, value_of(*n.parts[1], slots, right_made));
}

bool is_true(const node& n, const slot_values& slots) {
  auto holds = [&](const std::unique_ptr<node>& part) { return is_true(*part, slots); };
  switch (n.kind) {
    case condition_op::defined:
      return !in_slot(n, slots).is_none();
    case condition_op::negate:
      return !holds(n.parts[0]);
    case condition_op::both:
      return std::ranges::all_of(n.parts, holds);
    case condition_op::either:
      return std::ranges::any_of(n.parts, holds);
    case condition_op::literal:
    case condition_op::slot:
    case condition_op::list:
    case condition_op::length: {
      value made;
      const value& v = value_of(n, slots, made);
      return v.type() == slot_type::boolean && v.as_bool();
    }
    default:
      return compare(n, slots);
  }
}

void bind_node(node& n, const std::function<slot_id(std::string_view)>& id_of) {
  if (!n.name.empty()) n.slot = id_of(n.name);
  for (auto& part : n.parts) bind_node(*part, id_of);
}

void rename_node(node& n, const std::function<std::string(const std::string&)>& name_of) {
  if (!n.name.empty()) n.name = name_of(n.name);
  for (auto& part : n.parts) rename_node(*part, name_of);
}

}  // namespace

bool compare_values(condition_op op, const value& left, const value& right) {
  switch (op) {
    case condition_op::equal:
      return equal(left, right);
    case condition_op::unequal:
      return !equal(left, right);
    case condition_op::less:
      return order(left, right) < 0;
    case condition_op::less_equal:
      return order(left, right) <= 0;
    case condition_op::greater:
      return order(left, right) > 0;
    case condition_op::greater_equal:
      return order(left, right) >= 0;
    default:
      return contains(right, left);
  }
}

const std::vector<std::string>& condition::reads() const noexcept { return reads_; }
const std::vector<std::string>& condition::asks_defined() const noexcept { return defined_; }
const std::string& condition::text() const noexcept { return text_; }

void condition::rename(const std::function<std::string(const std::string&)>& name_of) {
  rename_node(*root_, name_of);
  for (auto* names : {&reads_, &defined_})
    for (std::string& name : *names) name = name_of(name);
}

void condition::bind(const std::function<slot_id(std::string_view)>& id_of) {
  bind_node(*root_, id_of);
}

bool condition::evaluate(const std::vector<value>& slots) const { return is_true(*root_, slots); }

}  // namespace troupe
