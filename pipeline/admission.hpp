#pragma once
// The door of a graph: whether one more run would be served in time, seen from how busy its stages
// are and how long they take. Pure; it is told the time.

#include "pipeline/clock.hpp"
#include "pipeline/error.hpp"

#include <span>

namespace troupe {

/// How busy one stage is.
struct stage_load {
  std::string_view name;
  int out = 0;    ///< calls that are worked on or wait there
  int bound = 0;  ///< so many may be out
  int replicas = 1;
  duration work{0};          ///< of a call, lately; 0: not known, for none has ended
  duration since_first{0};   ///< call that came there
  double calls_per_run = 0;  ///< so far
};

struct door_load {
  std::size_t at_work = 0;              ///< runs that are served at the same time
  std::size_t entering = 0;             ///< of these, those that have not reached the first stage
  std::size_t start = 0;                ///< index of the first stage
  duration deadline = duration::max();  ///< of a run
  std::span<const stage_load> stages;
};

class admission {
 public:
  /// Nothing: come in. Otherwise `overloaded`, with when there will be room. A run is refused
  ///  - when its first stage, or one that is half full and where those under way may go next, would
  ///    have more calls than its bound;
  ///  - when it could not end within its deadline: at_work + 1 runs at the pace of the slowest
  ///  stage
  ///    (the asymptotic bound of a closed queueing network, Denning and Buzen 1978).
  /// Those who are refused together are told to come back one after another, at that pace. While
  /// no call of a stage has ended, they are told to come back when it has been at work for twice as
  /// long: then its pace is known, or they ask once more.
  std::optional<error> ask(const door_load& load, time_point now) {
    auto no = judge(load);
    return no ? std::optional(appoint(std::move(*no), now)) : std::nullopt;
  }

  // `ask` in its two parts: only the second one remembers anything.
  struct refusal {
    duration wait{};  ///< until there may be room
    duration pace{};  ///< between two that are let in; 0: not known
    std::string why;
  };
  static std::optional<refusal> judge(const door_load& load);
  error appoint(refusal no, time_point now);

 private:
  /// How many of those who were told to come back are still to come, as of then. In time they are
  /// counted by the pace of the moment: the one they were told by may have been a wrong one.
  double line_ = 0;
  time_point as_of_;
};

}  // namespace troupe
