#include "actors/sim/losing_store.hpp"

#include <algorithm>

namespace troupe::sim {

void losing_store::set(family f, const std::string& key, std::optional<std::string> now,
                       std::vector<change>& undo) {
  map& m = of(f);
  auto it = m.find(key);
  undo.push_back({f, key, it == m.end() ? std::nullopt : std::optional(it->second)});
  if (now)
    m.insert_or_assign(key, std::move(*now));
  else if (it != m.end())
    m.erase(it);
}

result<void> losing_store::write(write_batch batch, durability level) {
  if (dead_) return error{errc::internal, "the process is dead"};
  if (refuses_) return error{errc::internal, "the disk is full"};
  if (observer_) observer_(batch, level);
  std::vector<change> undo;
  for (write_op& op : batch) switch (op.kind) {
      case write_op::kind_type::put:
        set(op.family, op.key, std::move(op.value), undo);
        break;
      case write_op::kind_type::erase:
        set(op.family, op.key, std::nullopt, undo);
        break;
      case write_op::kind_type::erase_range: {
        std::vector<std::string> keys;
        map& m = of(op.family);
        for (auto it = m.lower_bound(op.key); it != m.end() && it->first < op.value; ++it)
          keys.push_back(it->first);
        for (const std::string& key : keys) set(op.family, key, std::nullopt, undo);
        break;
      }
    }
  if (level == durability::synced)
    undo_.clear();
  else
    undo_.push_back(std::move(undo));
  return {};
}

result<std::optional<std::string>> losing_store::get(family f, std::string_view key) const {
  auto it = of(f).find(key);
  return it == of(f).end() ? std::nullopt : std::optional(it->second);
}

result<void> losing_store::scan(
    family f, std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view, std::string_view)>& each) const {
  const map& m = of(f);
  for (auto it = m.lower_bound(std::max(prefix, from)); it != m.end(); ++it) {
    if (!std::string_view(it->first).starts_with(prefix)) break;
    if (!each(it->first, it->second)) break;
  }
  return {};
}

void losing_store::lose_unsynced(std::size_t kept) {
  while (undo_.size() > kept) {
    auto& changes = undo_.back();
    for (auto c = changes.rbegin(); c != changes.rend(); ++c) {
      if (c->before)
        of(c->family).insert_or_assign(std::move(c->key), std::move(*c->before));
      else
        of(c->family).erase(c->key);
    }
    undo_.pop_back();
  }
  undo_.clear();
}

bool losing_store::is_synced(family f, std::string_view key) const {
  for (const auto& changes : undo_)
    for (const change& c : changes)
      if (c.family == f && c.key == key) return false;
  return of(f).contains(key);
}

}  // namespace troupe::sim
