#pragma once
// A store in memory that can be killed and can lose power: it knows what was synced, and what was
// only written. Tells an observer of each batch, so that the journal's promises are checked as they
// are made.

#include "actors/sim/world.hpp"
#include "pipeline/store.hpp"

#include <array>
#include <set>

namespace troupe::sim {

class losing_store final : public store {
 public:
  using observer = std::function<void(const write_batch& batch, durability level)>;

  result<void> write(write_batch batch, durability level) override;
  result<std::optional<std::string>> get(family f, std::string_view key) const override;
  result<void> scan(
      family f, std::string_view prefix, std::string_view from,
      const std::function<bool(std::string_view, std::string_view)>& each) const override;

  /// Called before a batch is applied.
  void watch(observer o) { observer_ = std::move(o); }

  /// From now on no write gets through, until `revive`: the process is dead.
  void kill() noexcept { dead_ = true; }
  void revive() noexcept { dead_ = false; }
  bool dead() const noexcept { return dead_; }
  /// The disk is full, or has room again.
  void refuse(bool writes) noexcept { refuses_ = writes; }
  /// Power is lost: of the batches written since the last sync the oldest `kept` stay.
  void lose_unsynced(std::size_t kept);
  std::size_t unsynced() const noexcept { return undo_.size(); }
  /// Whether the newest value of a key would survive a loss of power.
  bool is_synced(family f, std::string_view key) const;

 private:
  using map = std::map<std::string, std::string, std::less<>>;
  struct change {
    troupe::family family;
    std::string key;
    std::optional<std::string> before;
  };
  map& of(family f) { return maps_[static_cast<std::size_t>(f)]; }
  const map& of(family f) const { return maps_[static_cast<std::size_t>(f)]; }
  void set(family f, const std::string& key, std::optional<std::string> now,
           std::vector<change>& undo);

  std::array<map, static_cast<std::size_t>(family::count)> maps_;
  std::vector<std::vector<change>> undo_;  ///< by batch since the last sync, oldest first
  observer observer_;
  bool dead_ = false, refuses_ = false;
};

}  // namespace troupe::sim
