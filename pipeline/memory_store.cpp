#include "pipeline/spin_lock.hpp"
#include "pipeline/store.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>

namespace troupe {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(family::count)> family_names = {
    "runs",     "steps",    "active",       "conversations", "turns",   "events",
    "messages", "feedback", "dead_letters", "graphs",        "reviews", "timers"};

/// A sorted map that many sequences grow in at once: steps of runs, events of conversations. A key
/// is its sequence's name and a number in eight bytes; it mostly belongs right behind the last one
/// of its sequence, which saves the way down the tree.
class sequences {
 public:
  using map = std::map<std::string, std::string, std::less<>>;

  const map& all() const noexcept { return map_; }

  void put(std::string key, std::string value) {
    place& last = place_of(key);
    if (last.known && last.at->first < key) {
      const auto next = std::next(last.at);
      if (next == map_.end() || key < next->first) {
        last.at = map_.emplace_hint(next, std::move(key), std::move(value));
        return;
      }
    }
    last.at = map_.insert_or_assign(std::move(key), std::move(value)).first;
    last.known = true;
  }

  void erase(std::string_view key) {
    if (const auto it = map_.find(key); it != map_.end()) {
      place_of(key).known = false;
      map_.erase(it);
    }
  }

  void erase(std::string_view from, std::string_view to) {
    const auto first = map_.lower_bound(from), last = map_.lower_bound(to);
    std::string_view name;
    for (auto it = first; it != last; ++it) {
      if (it != first && name_of(it->first) == name) continue;
      name = name_of(it->first);
      place_of(it->first).known = false;
    }
    map_.erase(first, last);
  }

 private:
  struct place {
    bool known = false;
    map::iterator at;
  };

  static std::string_view name_of(std::string_view key) {
    return key.substr(0, key.size() - std::min(key.size(), std::size_t{8}));
  }
  /// Shared by sequences of one hash: whether a key belongs there is always looked at.
  place& place_of(std::string_view key) {
    return places_[std::hash<std::string_view>()(name_of(key)) % places_.size()];
  }

  map map_;
  std::array<place, 256> places_;
};

class memory_store final : public store {
 public:
  result<void> write(write_batch batch, durability) override {
    std::lock_guard lock(mutex_);
    for (write_op& op : batch) {
      auto& m = families_[static_cast<std::size_t>(op.family)];
      switch (op.kind) {
        case write_op::kind_type::put:
          m.put(std::move(op.key), std::move(op.value));
          break;
        case write_op::kind_type::erase:
          m.erase(op.key);
          break;
        case write_op::kind_type::erase_range:
          m.erase(op.key, op.value);
          break;
      }
    }
    return {};
  }

  result<std::optional<std::string>> get(family f, std::string_view key) const override {
    std::lock_guard lock(mutex_);
    const auto& m = families_[static_cast<std::size_t>(f)].all();
    auto it = m.find(key);
    if (it == m.end()) return std::optional<std::string>();
    return std::optional<std::string>(it->second);
  }

  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override {
    std::lock_guard lock(mutex_);
    const auto& m = families_[static_cast<std::size_t>(f)].all();
    for (auto it = m.lower_bound(std::max(prefix, from)); it != m.end(); ++it) {
      if (!std::string_view(it->first).starts_with(prefix)) break;
      if (!each(it->first, it->second)) break;
    }
    return {};
  }

 private:
  mutable spin_lock mutex_;
  std::array<sequences, static_cast<std::size_t>(family::count)> families_;
};

}  // namespace

std::string_view name_of(family f) noexcept { return family_names[static_cast<std::size_t>(f)]; }

std::unique_ptr<store> make_memory_store() { return std::make_unique<memory_store>(); }

}  // namespace troupe
