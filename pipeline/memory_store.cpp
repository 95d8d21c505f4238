#include "pipeline/spin_lock.hpp"
#include "pipeline/store.hpp"

#include <array>
#include <map>
#include <mutex>

namespace troupe {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(family::count)> family_names = {
    "runs",   "steps",    "active",   "conversations", "turns",
    "events", "messages", "feedback", "dead_letters",  "graphs",
    "reviews", "timers"};

class memory_store final : public store {
 public:
  result<void> write(write_batch batch, durability) override {
    std::lock_guard lock(mutex_);
    for (write_op& op : batch) {
      auto& m = maps_[static_cast<std::size_t>(op.family)];
      switch (op.kind) {
        case write_op::kind_type::put:
          // Steps of a run and events of a conversation come in order, mostly at the end.
          if (m.empty() || m.rbegin()->first < op.key)
            m.emplace_hint(m.end(), std::move(op.key), std::move(op.value));
          else
            m.insert_or_assign(std::move(op.key), std::move(op.value));
          break;
        case write_op::kind_type::erase:
          m.erase(op.key);
          break;
        case write_op::kind_type::erase_range:
          m.erase(m.lower_bound(op.key), m.lower_bound(op.value));
          break;
      }
    }
    return {};
  }

  result<std::optional<std::string>> get(family f, std::string_view key) const override {
    std::lock_guard lock(mutex_);
    const auto& m = maps_[static_cast<std::size_t>(f)];
    auto it = m.find(key);
    if (it == m.end()) return std::optional<std::string>();
    return std::optional<std::string>(it->second);
  }

  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override {
    std::lock_guard lock(mutex_);
    const auto& m = maps_[static_cast<std::size_t>(f)];
    for (auto it = m.lower_bound(std::max(prefix, from)); it != m.end(); ++it) {
      if (!std::string_view(it->first).starts_with(prefix)) break;
      if (!each(it->first, it->second)) break;
    }
    return {};
  }

 private:
  mutable spin_lock mutex_;
  std::array<std::map<std::string, std::string, std::less<>>,
             static_cast<std::size_t>(family::count)>
      maps_;
};

}  // namespace

std::string_view name_of(family f) noexcept { return family_names[static_cast<std::size_t>(f)]; }

std::unique_ptr<store> make_memory_store() { return std::make_unique<memory_store>(); }

}  // namespace troupe
