#pragma once
// The versions of a graph that are alive. New runs start on the current one. An older one lives on
// as long as a run needs it: whoever holds a lease of it keeps its stages, and with the last lease
// they are sent home and their engines are let go. Thread-safe.

#include "actors/supervisor.hpp"

#include <map>
#include <mutex>

namespace troupe {

class deployments {
 public:
  using lease = std::shared_ptr<deployment>;

  /// A lease of a graph whose stages `supervisor` watches; its end ends them.
  static lease lend(std::shared_ptr<deployment> d, caf::actor supervisor);

  lease current() const;
  void make_current(lease d);

  /// The run is out of memory from here on and has not ended; or it was found in the store.
  void park(const std::string& run, lease d);
  /// The lease that was parked for it; without one, that of a living version with this hash;
  /// nullptr if there is none.
  lease take(const std::string& run, const std::string& hash);
  /// The run has ended: nobody asks for its lease any more. An actor that was about to leave may
  /// have parked it when the next one had taken the run up already.
  void forget(const std::string& run);
  /// Any living version with this hash, or nullptr.
  lease find(const std::string& hash) const;

  /// Versions that somebody holds, the current one included.
  std::size_t alive() const;
  void clear();

 private:
  lease find_locked(const std::string& hash) const;

  mutable std::mutex mutex_;
  lease current_;
  std::multimap<std::string, std::weak_ptr<deployment>> by_hash_;
  std::map<std::string, lease> parked_;  ///< by run
};

}  // namespace troupe
