#pragma once
// The versions of a graph that a simulated system is given one after another: the same stages with
// other numbers of replicas and other bounds, each under a hash of its own.

#include "actors/sim/faulty_stages.hpp"

#include <map>

namespace troupe::sim {

class graph_versions {
 public:
  /// `given`: what the system runs in place of `meant`, if it is to have a mistake on purpose.
  graph_versions(std::shared_ptr<const graph> meant, std::shared_ptr<const graph> given,
                 faulty_stages& stages);

  /// What the system is given at its next start.
  const std::shared_ptr<const graph>& newest() const noexcept { return newest_; }
  /// A new one, which is not the newest until it is taken.
  std::shared_ptr<const graph> draw(dice& chance);
  void take(std::shared_ptr<const graph> version) { newest_ = std::move(version); }

  /// As the system was given it, by the text on record; nullptr: there is none.
  std::shared_ptr<const graph> with_text(std::string_view text) const;
  /// As it was meant, by hash; the first one if there is none.
  const graph& meant(const std::string& hash) const;

  /// Replicas of all stages.
  static std::size_t replicas(const graph& g);

 private:
  std::shared_ptr<const graph> add(std::shared_ptr<const graph> meant,
                                   std::shared_ptr<const graph> given);

  std::shared_ptr<const graph> meant_, given_, newest_;
  faulty_stages& stages_;
  std::map<std::string, std::shared_ptr<const graph>> by_hash_;  ///< as they were meant
  std::map<std::string, std::shared_ptr<const graph>, std::less<>> by_text_;
};

}  // namespace troupe::sim
